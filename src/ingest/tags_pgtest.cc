// SPDX-License-Identifier: Apache-2.0
//
// Goal: a tag of line protocol gives way to a field whose attribute has its name, whichever came
// first: the field is stored, and what the tag wrote is kept.
#include <gtest/gtest.h>

#include "ingest/test_database.h"
#include "ingest/test_gateway.h"

namespace atlas::ingest {
namespace {

class TagsGiveWay : public ::testing::Test {
protected:
    // "ok", or the codes of what was rejected.
    std::string write(std::string_view lines, Format format = Format::line) {
        const WriteOutcome outcome = gateway_.write(std::string(lines), format);
        std::string codes;
        for (const ItemError& error : outcome.errors) {
            codes += std::string(codes.empty() ? "" : " ") + std::string(to_string(error.code));
        }
        return codes.empty() && outcome.status == WriteStatus::done ? "ok" : codes;
    }
    std::string shown(std::string_view name) {
        return database_.query(
            "SELECT e.external_id, v.value FROM entity_values_ts v JOIN entities e USING "
            "(entity_id) JOIN attributes a USING (attribute_id) WHERE a.attribute_name = '" +
            std::string(name) + "' ORDER BY v.observed_at, 1");
    }
    std::string types() {
        return database_.query(
            "SELECT a.attribute_name, t.type, t.from_tags FROM tenant_attributes t JOIN attributes "
            "a ON a.attribute_id = t.name_id WHERE t.state = 'current' ORDER BY 1");
    }

    TestDatabase database_;
    TestGateway gateway_{database_.conninfo()};
};

TEST_F(TagsGiveWay, TheHistoryOfATagMovesWhenAFieldArrives) {
    EXPECT_EQ(write("meter,power=main v=1 1767225600000000000"), "ok");
    EXPECT_EQ(write("power,host=z value=230 1767225601000000000"), "ok");
    EXPECT_EQ(shown("power"), "power,host=z|230\n");
    EXPECT_EQ(shown("power_tag"), "meter,power=main|main\n");
    // From then on the tag is written there, also where its attribute is read from a cache.
    EXPECT_EQ(write("meter,entity=m,power=spare v=2 1767225602000000000\n"
                    "power,host=z value=231 1767225602000000000"),
              "ok");
    EXPECT_EQ(shown("power_tag"), "meter,power=main|main\nm|spare\n");
    EXPECT_EQ(types(), "host|string|t\nmeter_v|double|f\npower|double|f\npower_tag|string|t\n");
    EXPECT_EQ(database_.hot(),
              "m|{\"power_tag\": \"spare\"}\nmeter,power=main|{\"power_tag\": "
              "\"main\"}\npower,host=z|{\"host\": \"z\"}\n");
}

TEST_F(TagsGiveWay, AFieldOfTheSameMeasurementLeavesTheTagInTheKey) {
    EXPECT_EQ(write("zone,zone=kitchen value=21.5 1767225600000000000\n"
                    "net,net_if=eth0 if=5i 1767225600000000000\n"
                    "door,door_open=yes count=1i 1767225600000000000\n"
                    "door,door_open=yes open=true 1767225601000000000"),
              "ok");
    EXPECT_EQ(types(), "door_count|int|f\ndoor_open|bool|f\nnet_if|int|f\nzone|double|f\n");
    EXPECT_EQ(shown("zone") + shown("net_if"), "zone,zone=kitchen|21.5\nnet,net_if=eth0|5\n");
    // Also where the field is known from before.
    EXPECT_EQ(write("zone,zone=hall humidity=40i 1767225602000000000"), "ok");
    EXPECT_EQ(shown("zone"), "zone,zone=kitchen|21.5\n");
    EXPECT_EQ(shown("zone_humidity"), "zone,zone=hall|40\n");
}

TEST_F(TagsGiveWay, WhatJsonWroteTooIsNoLongerATagAlone) {
    EXPECT_EQ(write("cpu,rack=r1 load=0.5 1767225600000000000"), "ok");
    EXPECT_EQ(
        write(R"({"entity":"e","at":1767225600000,"attributes":{"rack":"r2"}})", Format::json),
        "ok");
    EXPECT_EQ(shown("rack"), "cpu,rack=r1|r1\ne|r2\n");
    EXPECT_EQ(write("rack value=7 1767225601000000000"), "wrong_type");
    // A name that only tags wrote gives way to a value that it cannot hold.
    EXPECT_EQ(write("cpu,slot=s1 load=0.5 1767225602000000000"), "ok");
    EXPECT_EQ(write(R"({"entity":"e","at":1767225602000,"attributes":{"slot":7}})", Format::json),
              "ok");
    EXPECT_EQ(shown("slot") + shown("slot_tag"), "e|7\ncpu,slot=s1|s1\n");
}

TEST_F(TagsGiveWay, ATakenNameLeavesTheTagWhereItIs) {
    EXPECT_EQ(write("a,mode=x,mode_tag=y v=1 1767225600000000000"), "ok");
    EXPECT_EQ(write("mode value=5 1767225601000000000"), "wrong_type");
    EXPECT_EQ(shown("mode") + shown("mode_tag"), "a,mode=x,mode_tag=y|x\na,mode=x,mode_tag=y|y\n");
}

}  // namespace
}  // namespace atlas::ingest
