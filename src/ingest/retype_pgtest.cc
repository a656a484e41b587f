// SPDX-License-Identifier: Apache-2.0
//
// Goal: gateways that did not make a change of an attribute follow it, with what they have cached.
#include <gtest/gtest.h>

#include "ingest/test_database.h"
#include "ingest/test_gateway.h"

namespace atlas::ingest {
namespace {

class OtherGateways : public ::testing::Test {
protected:
    std::uint64_t write(std::string_view value, int second, std::string_view name = "temp") {
        return gateway_
            .write(fmt::format(R"({{"entity":"e","at":"2026-01-01T00:00:{:02}Z","attributes":)"
                               R"({{"{}":{}}}}})",
                               second, name, value))
            .accepted;
    }
    void change(std::string_view function) {
        ASSERT_EQ(database_.query("SELECT public.atlas_" + std::string(function)), "ok\n");
        while (database_.query("SELECT public.atlas_continue_changes(2)") == "t\n") {
        }
    }

    TestDatabase database_;
    TestGateway gateway_{database_.conninfo()};
};

// A value that the cached type refuses is what the new type is for.
TEST_F(OtherGateways, ARetypeReachesAGatewayWhoseCacheRefusesTheValue) {
    ASSERT_EQ(write(R"("n/a")", 0), 1U);
    ASSERT_EQ(write("21.5", 1), 0U);
    change("retype_attribute(2, 'temp', 'double')");
    EXPECT_EQ(write("21.5", 1), 1U);
    EXPECT_EQ(write("21.5", 2), 1U);
    EXPECT_EQ(database_.points(), "e|1|temp|21.5\ne|2|temp|21.5\n");
    EXPECT_EQ(database_.hot(), "e|{\"temp\": 21.5}\n");
    change("retype_attribute(2, 'temp', 'string')");
    EXPECT_EQ(write(R"("n/a")", 3), 1U);
    EXPECT_EQ(database_.points(), "e|0|temp|n/a\ne|1|temp|21.5\ne|2|temp|21.5\ne|3|temp|n/a\n");
}

TEST_F(OtherGateways, RenamedAndDroppedNamesBeginAgain) {
    ASSERT_EQ(write(R"("a")", 0), 1U);
    change("rename_attribute(2, 'temp', 'other')");
    EXPECT_EQ(write(R"("b")", 1), 1U);  // stored under the new temp
    EXPECT_EQ(write(R"("c")", 1, "other"), 1U);
    EXPECT_EQ(database_.points(), "e|0|other|a\ne|1|other|c\ne|1|temp|b\n");
    change("drop_attribute(2, 'temp')");
    EXPECT_EQ(write("5", 2), 1U);
    EXPECT_EQ(write("6", 2), 1U);  // the same instant again
    EXPECT_EQ(database_.points(), "e|0|other|a\ne|1|other|c\ne|2|temp|6\n");
    EXPECT_EQ(database_.hot(), "e|{\"other\": \"c\"}\n");
}

// Goal: an item with both names of an attribute stores one value of it, the later.
TEST_F(OtherGateways, BothNamesInOneItem) {
    ASSERT_EQ(write(R"("a")", 0), 1U);
    ASSERT_EQ(database_.query("SELECT public.atlas_rename_attribute(2, 'temp', 'other')"), "ok\n");
    const auto outcome = gateway_.write(
        R"({"entity":"e","at":"2026-01-01T00:00:01Z","attributes":{"temp":"b","other":"c"}})");
    EXPECT_EQ(outcome.status, WriteStatus::done);
    EXPECT_EQ(database_.points(), "e|0|other|a\ne|1|other|c\n");
    EXPECT_EQ(database_.hot(), "e|{\"other\": \"c\"}\n");
}

}  // namespace
}  // namespace atlas::ingest
