// SPDX-License-Identifier: Apache-2.0
//
// Rows of a frequent combination of attributes refer to it by its id, in whatever form they are
// written and whatever became of the first attempt to register it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ingest/test_database.h"
#include "ingest/test_gateway.h"
#include "storage/shapes.h"
#include "testing/manual_clock.h"

namespace atlas::ingest {
namespace {

constexpr std::int64_t kStart = 1'767'225'600;  // 2026-01-01, seconds

class ShapesTest : public ::testing::Test {
protected:
    static std::string item(std::int64_t second, std::string_view attributes) {
        return fmt::format(R"({{"entity": "a", "at": {}, "attributes": {{{}}}}})",
                           (kStart + second) * 1000, attributes);
    }
    // For each observation: its second, and whether it has the id of a shape.
    std::string history() {
        return database_.query(
            "SELECT extract(epoch FROM observed_at - '2026-01-01')::int, shape_id IS NOT NULL "
            "FROM observations ORDER BY 1");
    }
    std::string newest() {
        return database_.query(
            "SELECT shape_id IS NOT NULL FROM observations ORDER BY observed_at DESC LIMIT 1");
    }

    TestDatabase database_;
};

TEST_F(ShapesTest, TheFourthRowRegistersItsShape) {
    TestGateway gateway(database_.conninfo());
    for (int second = 0; second < 5; ++second) gateway.write(item(second, R"("x": 1, "y": 2)"));
    EXPECT_EQ(history(), "0|f\n1|f\n2|f\n3|t\n4|t\n");
}

// Goal: when the attempt to register a shape fails, its rows are written all the same, and later
// ones have the id as soon as registering works. Method: hold a lock that nothing can be added
// under while the attempt is made; then write until a row has the id.
TEST_F(ShapesTest, AFailedAttemptIsRepeated) {
    Options options = TestGateway::options_for(database_.conninfo());
    options.session.lock_timeout = std::chrono::milliseconds{100};
    TestGateway gateway(options);
    ASSERT_TRUE(database_.connection().exec("BEGIN"));
    ASSERT_TRUE(database_.connection().exec("LOCK TABLE shapes IN SHARE MODE"));
    int second = 0;
    for (; second < 5; ++second) {
        EXPECT_EQ(gateway.write(item(second, R"("x": 1)")).status, WriteStatus::done);
    }
    EXPECT_EQ(history(), "0|f\n1|f\n2|f\n3|f\n4|f\n");
    ASSERT_TRUE(database_.connection().exec("COMMIT"));
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    do {
        EXPECT_EQ(gateway.write(item(second++, R"("x": 1)")).status, WriteStatus::done);
    } while (newest() == "f\n" && std::chrono::steady_clock::now() < deadline);
    EXPECT_EQ(newest(), "t\n");
}

// Goal: rows of line protocol whose tags are left out have a shape too.
TEST_F(ShapesTest, RowsWithoutTheirTagsHaveAShape) {
    TestGateway gateway(database_.conninfo());
    for (int second = 0; second < 8; ++second) {
        gateway.write(
            fmt::format("m,entity=a,site=berlin x=1,y=2 {}\n", (kStart + second) * 1'000'000'000),
            Format::line);
    }
    EXPECT_EQ(newest(), "t\n");
    EXPECT_EQ(database_.query("SELECT DISTINCT cardinality(s.attrs) FROM observations "
                              "JOIN shapes s USING (shape_id)"),
              "2\n");
}

// Goal: and so do rows that are the merge of others.
TEST_F(ShapesTest, MergedRowsHaveAShape) {
    TestGateway gateway(database_.conninfo());
    for (int second = 0; second < 8; ++second) {
        gateway.write("[" + item(second, R"("x": 1)") + "," + item(second, R"("y": 2)") + "]");
    }
    EXPECT_EQ(newest(), "t\n");
}

// Goal: one transaction waits for a bounded number of registrations, and later ones register the
// rest.
TEST_F(ShapesTest, ACallRegistersABoundedNumber) {
    const test::ManualClock clock;
    storage::ShapeRegistry registry(clock);
    std::vector<storage::ShapePtr> shapes;
    for (int i = 0; i < 100; ++i) shapes.push_back(registry.find(std::array{i + 1}));
    const auto registered = [&shapes] {
        return std::ranges::count_if(shapes, [](const auto& shape) { return shape->id != 0; });
    };
    ASSERT_TRUE(registry.assign_ids(database_.connection(), shapes));
    EXPECT_EQ(registered(), storage::ShapeRegistry::kMaxPerCall);
    ASSERT_TRUE(registry.assign_ids(database_.connection(), shapes));
    EXPECT_EQ(registered(), 100);
}

}  // namespace
}  // namespace atlas::ingest
