// SPDX-License-Identifier: Apache-2.0
//
// Goal: a dry run says what a write would say, and leaves no trace.
// Method: each request is rehearsed, then written; both outcomes are compared, and the database
// before and after the rehearsal.
#include <gtest/gtest.h>

#include "ingest/test_database.h"
#include "ingest/test_gateway.h"

namespace atlas::ingest {
namespace {

class DryRun : public ::testing::Test {
protected:
    std::string everything() {
        return database_.query(
            "SELECT (SELECT count(*) FROM observations), (SELECT count(*) FROM entities), "
            "(SELECT count(*) FROM attributes), (SELECT count(*) FROM entity_jsonb), "
            "(SELECT string_agg(concat_ws(' ', tenant_id, attribute_id, type, in_use), ',' "
            "                   ORDER BY 1) FROM tenant_attributes)");
    }

    static std::string text(const WriteOutcome& outcome) {
        std::string out = fmt::format("{} {} {} {}", static_cast<int>(outcome.status),
                                      outcome.accepted, outcome.rejected, outcome.overwritten);
        for (const auto& error : outcome.errors) {
            out += fmt::format("; {} {} {} {}", error.index, error.attribute, to_string(error.code),
                               error.detail);
        }
        return out;
    }

    void rehearse_and_write(const std::string& body, Format format = Format::json,
                            bool atomic = false) {
        const std::string before = everything();
        const auto rehearsed = gateway_.write(body, format, atomic, kDefaultTenant, true);
        EXPECT_EQ(everything(), before) << body;
        EXPECT_EQ(rehearsed.token, LogPosition{});
        const auto written = gateway_.write(body, format, atomic);
        EXPECT_EQ(text(rehearsed), text(written)) << body;
    }

    TestDatabase database_;
    TestGateway gateway_{database_.conninfo()};
};

TEST_F(DryRun, SaysWhatAWriteWouldSay) {
    // New entities and attributes, an int that becomes a double, a value that is replaced.
    rehearse_and_write(R"([{"entity": "a", "at": 1767225600000, "attributes": {"p": 1, "s": "x"}},
                           {"entity": "b", "at": 1767225600000, "attributes": {"p": 2.5}},
                           {"entity": "a", "at": 1767225600000, "attributes": {"p": 3}},
                           {"entity": "c", "at": 1767225600000, "attributes": {"p": "high"}},
                           {"entity": "", "attributes": {"p": 1}},
                           {"entity": "d", "attributes": {"big": 99999999999999999999}}])");
    rehearse_and_write(R"({"entity": "a", "at": 1767225601000, "attributes": {"s": 1, "new": 2}})");
    rehearse_and_write("pump,site=north value=4.5,on=t 1767225600000000000\npump value=\n",
                       Format::line);
    rehearse_and_write(R"([{"entity": "a", "attributes": {"s": "y"}},
                           {"entity": "a", "attributes": {"s": 5}}])",
                       Format::json, true);
    rehearse_and_write("[", Format::json);
    rehearse_and_write("[]", Format::json);
}

TEST_F(DryRun, KnowsRetiredEntitiesAndLimits) {
    gateway_.write(R"([{"entity": "a", "attributes": {"p": 1}},
                       {"entity": "gone", "attributes": {"p": 1}}])");
    database_.query("UPDATE entities SET is_deleted = true WHERE external_id = 'gone'");
    database_.query("UPDATE tenants SET max_entities = 2, max_attributes = 2");
    const std::string items =
        R"([{"entity": "a", "at": 1767225600000, "attributes": {"p": 1, "q": 2, "r": 3}},
            {"entity": "gone", "at": 1767225600000, "attributes": {"p": 1}},
            {"entity": "x", "at": 1767225600000, "attributes": {"p": 1}},
            {"entity": "y", "at": 1767225600000, "attributes": {"p": 1}}])";
    const auto rehearsed = gateway_.write(items, Format::json, false, kDefaultTenant, true);
    EXPECT_EQ(rehearsed.accepted, 3U);
    ASSERT_EQ(rehearsed.errors.size(), 3U);
    EXPECT_EQ(to_string(rehearsed.errors[0].code), "attribute_limit");
    EXPECT_EQ(to_string(rehearsed.errors[1].code), "entity_deleted");
    EXPECT_EQ(to_string(rehearsed.errors[2].code), "entity_limit");
    EXPECT_EQ(rehearsed.errors[2].entity, "y");
}

// A tag gives way to a field, and the names of both are taken or free as after a write.
TEST_F(DryRun, ATagGivesWay) {
    rehearse_and_write("meter,power=main v=1 1767225600000000000", Format::line);
    rehearse_and_write("power,host=z value=230 1767225601000000000", Format::line);
    rehearse_and_write("meter,power=spare v=2 1767225602000000000\nhost value=1i", Format::line);
    rehearse_and_write("meter,load=x,load_tag=y v=2 1767225603000000000", Format::line);
    rehearse_and_write("load value=1 1767225604000000000", Format::line);
}

}  // namespace
}  // namespace atlas::ingest
