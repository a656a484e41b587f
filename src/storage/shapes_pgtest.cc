// SPDX-License-Identifier: Apache-2.0
#include "storage/shapes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "testing/manual_clock.h"
#include "testing/test_cluster.h"

namespace atlas::storage {
namespace {

using std::chrono::milliseconds;

class ShapesTest : public ::testing::Test {
protected:
    static pg::SessionSettings impatient() {
        pg::SessionSettings settings;
        settings.lock_timeout = milliseconds{50};
        return settings;
    }
    // What is due after `rows` more rows.
    static std::vector<ShapePtr> due_after(const ShapePtr& shape, std::uint32_t rows) {
        ShapeCounter counter;
        for (std::uint32_t row = 0; row < rows; ++row) counter.count(shape);
        return counter.take_due();
    }
    bool assign(const ShapePtr& shape) {
        return registry_.assign_ids(connection_, std::span(&shape, 1)).has_value();
    }

    const std::string conninfo_ = test::TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, impatient()).value();
    pg::Connection other_ = pg::Connection::open(conninfo_, {}).value();
    test::ManualClock clock_;
    ShapeRegistry registry_{clock_};
};

TEST_F(ShapesTest, AShapeIsDueFromItsFourthRowUntilItHasAnId) {
    const ShapePtr shape = registry_.find(std::vector<std::int32_t>{3, 1, 2});
    EXPECT_TRUE(due_after(shape, ShapeRegistry::kRowsForId - 1).empty());
    EXPECT_EQ(due_after(shape, 1).size(), 1U);
    EXPECT_EQ(due_after(shape, 3).size(), 1U);
    ASSERT_TRUE(assign(shape));
    EXPECT_GT(shape->id, 0);
    EXPECT_TRUE(due_after(shape, 10).empty());
}

TEST_F(ShapesTest, EveryGatewayFindsTheSameId) {
    const std::vector<std::int32_t> attrs{1, 2};
    const ShapePtr mine = registry_.find(attrs);
    ShapeRegistry another(clock_);
    const ShapePtr theirs = another.find(attrs);
    ASSERT_TRUE(assign(mine));
    ASSERT_TRUE(another.assign_ids(other_, std::span(&theirs, 1)));
    EXPECT_EQ(mine->id, theirs->id);
    EXPECT_EQ(registry_.find(attrs), mine);
}

// Goal: a failed attempt is repeated, but not before its pause has passed, and pauses grow.
// Method: hold a lock that lets the ids be read, but none be added.
TEST_F(ShapesTest, AFailedAttemptIsRepeatedAfterAPause) {
    const ShapePtr shape = registry_.find(std::vector<std::int32_t>{1});
    ASSERT_TRUE(other_.exec("BEGIN"));
    ASSERT_TRUE(other_.exec("LOCK TABLE shapes IN SHARE MODE"));
    EXPECT_FALSE(assign(shape));
    EXPECT_TRUE(assign(shape));  // in the pause: nothing is tried
    EXPECT_EQ(due_after(shape, ShapeRegistry::kRowsForId).size(), 1U);
    clock_.advance(ShapeRegistry::kFirstPause);
    EXPECT_FALSE(assign(shape));
    clock_.advance(ShapeRegistry::kFirstPause);
    EXPECT_TRUE(assign(shape));  // the second pause is twice as long
    EXPECT_EQ(shape->id, 0);
    ASSERT_TRUE(other_.exec("COMMIT"));
    clock_.advance(ShapeRegistry::kFirstPause);
    EXPECT_TRUE(assign(shape));
    EXPECT_GT(shape->id, 0);
    // Success ends the pauses.
    const ShapePtr next = registry_.find(std::vector<std::int32_t>{2});
    EXPECT_TRUE(assign(next));
    EXPECT_GT(next->id, 0);
}

TEST_F(ShapesTest, PausesAreBounded) {
    const ShapePtr shape = registry_.find(std::vector<std::int32_t>{1});
    ASSERT_TRUE(other_.exec("ALTER TABLE shapes RENAME TO away"));
    for (int i = 0; i < 12; ++i) {
        EXPECT_FALSE(assign(shape)) << i;
        clock_.advance(ShapeRegistry::kLongestPause);
    }
    ASSERT_TRUE(other_.exec("ALTER TABLE away RENAME TO shapes"));
    EXPECT_TRUE(assign(shape));
    EXPECT_GT(shape->id, 0);
}

// Goal: what can have no id is not tried again and again.
TEST_F(ShapesTest, AShapeThatGetsNoIdIsNeverDueAgain) {
    const std::vector<std::int32_t> many(ShapeRegistry::kMaxAttributes + 1, 1);
    EXPECT_TRUE(due_after(registry_.find(many), 100).empty());
    EXPECT_TRUE(due_after(registry_.find({}), 100).empty());

    ASSERT_TRUE(
        other_.exec(fmt::format("INSERT INTO shapes (shape_id, attrs) OVERRIDING SYSTEM "
                                "VALUE VALUES ({}, '{{7}}')",
                                ShapeRegistry::kMaxId)));
    const ShapePtr late = registry_.find(std::vector<std::int32_t>{1});
    EXPECT_EQ(due_after(late, ShapeRegistry::kRowsForId).size(), 1U);
    EXPECT_TRUE(assign(late));
    EXPECT_EQ(late->id, 0);
    EXPECT_TRUE(due_after(late, 100).empty());
    // An id that exists is found.
    const ShapePtr known = registry_.find(std::vector<std::int32_t>{7});
    EXPECT_TRUE(assign(known));
    EXPECT_EQ(known->id, ShapeRegistry::kMaxId);
}

}  // namespace
}  // namespace atlas::storage
