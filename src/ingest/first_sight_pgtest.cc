// SPDX-License-Identifier: Apache-2.0
//
// How a gateway registers names and entities that it sees for the first time, and its limits: the
// tenant's, the memory for requests in flight, the age of observations.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ingest/test_database.h"
#include "ingest/test_gateway.h"

namespace atlas::ingest {
namespace {

constexpr std::int64_t kStart = 1'767'225'600'000;  // 2026-01-01, milliseconds

std::string item(std::string_view entity, int second, std::string_view attributes) {
    return fmt::format(R"({{"entity": "{}", "at": {}, "attributes": {{{}}}}})", entity,
                       kStart + std::int64_t{second} * 1000, attributes);
}

// "code entity attribute" per error.
std::string faults(const WriteOutcome& outcome) {
    std::string all;
    for (const ItemError& error : outcome.errors) {
        if (!all.empty()) all += ", ";
        all += fmt::format("{} {} {}", to_string(error.code), error.entity, error.attribute);
    }
    return all;
}

class FirstSightTest : public ::testing::Test {
protected:
    std::string query(std::string_view sql) { return database_.query(sql); }
    std::string points() { return database_.points(); }
    std::string hot() { return database_.hot(); }

    TestDatabase database_;
    const std::string conninfo_ = database_.conninfo();
    pg::Connection& connection_ = database_.connection();
};

TEST_F(FirstSightTest, TheFirstValueMakesTheTypeAndTextsAndFlagsAreHot) {
    TestGateway gateway(conninfo_);
    gateway.write(item("a", 0, R"("b": true, "d": 1.0, "e": 1e3, "i": 7, "j": [1], "n": null,
                                 "s": "on")"));
    EXPECT_EQ(query("SELECT a.attribute_name, t.type, a.type, a.is_hot, t.is_hot, t.declared "
                    "FROM tenant_attributes t JOIN attributes a USING (attribute_id) ORDER BY 1"),
              "b|bool|bool|t|∅|f\n"
              "d|double|double|f|∅|f\n"
              "e|double|double|f|∅|f\n"
              "i|int|int|f|∅|f\n"
              "j|json|json|f|∅|f\n"
              "s|string|string|t|∅|f\n");
    EXPECT_EQ(hot(), "a|{\"b\": true, \"s\": \"on\"}\n");
}

// Goal: UPDATE attributes SET is_hot reaches what came by telemetry, in the state, in gateways that
// know the attribute, and for tenants that meet it later.
TEST_F(FirstSightTest, TheDictionaryRulesWhatCameByTelemetry) {
    TestGateway gateway(conninfo_);
    gateway.write(item("a", 0, R"("s": "on", "t": "x")"));
    EXPECT_EQ(query("SELECT attribute_name FROM attributes WHERE is_hot ORDER BY 1"), "s\nt\n");
    ASSERT_EQ(query("UPDATE attributes SET is_hot = false WHERE attribute_name = 's'"), "");
    EXPECT_EQ(hot(), "a|{\"t\": \"x\"}\n");
    gateway.write(item("a", 1, R"("s": "off", "t": "y")"));
    EXPECT_EQ(hot(), "a|{\"t\": \"y\"}\n");
    ASSERT_EQ(query("INSERT INTO tenants (tenant_id, tenant_name) VALUES (3, 'three')"), "");
    gateway.write(item("b", 0, R"("s": "on", "t": 7)"), Format::json, false, TenantId{3});
    EXPECT_EQ(hot(), "a|{\"t\": \"y\"}\nb|{}\n");
    // A number in one tenant does not keep the texts of another out of the state, nor vice versa.
    gateway.write(item("b", 1, R"("u": 1)"), Format::json, false, TenantId{3});
    gateway.write(item("a", 2, R"("u": "text")"));
    EXPECT_EQ(hot(), "a|{\"t\": \"y\", \"u\": \"text\"}\nb|{}\n");
}

TEST_F(FirstSightTest, HotAttributesAreLimitedAndTheRestStartsCold) {
    TestGateway gateway(conninfo_);
    std::string attributes;
    for (int i = 0; i < 66; ++i) {
        attributes += fmt::format("{}\"s{:02}\": \"x\"", i == 0 ? "" : ", ", i);
    }
    EXPECT_EQ(gateway.write(item("a", 0, attributes)).accepted, 66U);
    EXPECT_EQ(query("SELECT count(*) FROM entity_values_ts"), "66\n");
    const std::string cold =
        "SELECT a.attribute_name, a.is_hot, t.is_hot FROM tenant_attributes t "
        "JOIN attributes a USING (attribute_id) WHERE NOT coalesce(t.is_hot, a.is_hot)";
    EXPECT_EQ(query(cold), "s64|t|f\ns65|t|f\n");
    EXPECT_EQ(query("SELECT count(*) FROM entity_jsonb, jsonb_object_keys(hot_attrs)"), "64\n");
    // The limit of one tenant is not another's.
    ASSERT_EQ(query("INSERT INTO tenants (tenant_id, tenant_name) VALUES (3, 'three')"), "");
    gateway.write(item("b", 0, R"("s65": "y")"), Format::json, false, TenantId{3});
    EXPECT_EQ(query("SELECT hot_attrs FROM entity_jsonb WHERE tenant_id = 3"),
              "{\"s65\": \"y\"}\n");
}

TEST_F(FirstSightTest, AttributesAreLimited) {
    TestGateway gateway(conninfo_);
    ASSERT_EQ(query("UPDATE tenants SET max_attributes = 2 WHERE tenant_id = 2"), "");
    WriteOutcome outcome = gateway.write(item("a", 0, R"("x": 1, "y": 2, "z": 3)"));
    EXPECT_EQ(outcome.accepted, 2U);
    EXPECT_EQ(outcome.rejected, 1U);
    EXPECT_EQ(faults(outcome), "attribute_limit a z");
    // All tenants share the dictionary: what finds no room here leaves nothing there.
    EXPECT_EQ(query("SELECT count(*) FROM attributes WHERE attribute_name = 'z'"), "0\n");
    outcome = gateway.write(item("a", 1, R"("x": 4, "z": null)"));
    EXPECT_EQ(faults(outcome), "");
    outcome = gateway.write(item("a", 2, R"("x": 5, "z": 6)"), Format::json, true);
    EXPECT_EQ(outcome.status, WriteStatus::refused);
    EXPECT_EQ(points(), "a|0|x|1\na|0|y|2\na|1|x|4\n");
    ASSERT_EQ(query("UPDATE tenants SET max_attributes = 3 WHERE tenant_id = 2"), "");
    EXPECT_EQ(gateway.write(item("a", 3, R"("z": 7)")).accepted, 1U);
}

// Goal: a gateway that has met new entities only meets some that exist: each value is stored with
// the entity of its name, which keeps its id and type.
// Method: new entities until it registers without a lookup, then one that came by SQL among others.
TEST_F(FirstSightTest, KnownEntitiesAfterManyNewOnes) {
    TestGateway gateway(conninfo_);
    std::string expected;
    for (int i = 0; i < 8; ++i) {
        const std::string entity = fmt::format("n{}", i);
        EXPECT_EQ(gateway.write(item(entity, 0, R"("x": 1)")).accepted, 1U);
        expected += entity + "|0|x|1\n";
    }
    ASSERT_EQ(query("INSERT INTO entities (entity_id, tenant_id, entity_type, external_id) "
                    "VALUES (900, 2, 'pump', 'm1')"),
              "");
    for (int round = 0; round < 2; ++round) {
        const auto outcome = gateway.write(
            "[" + item("m0", round, R"("x": 2)") + "," + item("m1", round, R"("x": 3)") + "," +
            item(fmt::format("o{}", round), round, R"("x": 4)") + "]");
        EXPECT_EQ(outcome.accepted, 3U);
    }
    EXPECT_EQ(points(),
              "m0|0|x|2\nm0|1|x|2\nm1|0|x|3\nm1|1|x|3\n" + expected + "o0|0|x|4\no1|1|x|4\n");
    EXPECT_EQ(query("SELECT entity_id, entity_type FROM entities WHERE external_id = 'm1'"),
              "900|pump\n");
}

TEST_F(FirstSightTest, EntitiesAreLimited) {
    TestGateway gateway(conninfo_);
    ASSERT_EQ(query("UPDATE tenants SET max_entities = 2 WHERE tenant_id = 2"), "");
    WriteOutcome outcome =
        gateway.write("[" + item("a", 0, R"("x": 1)") + "," + item("b", 0, R"("x": 1)") + "," +
                      item("c", 0, R"("x": 1, "y": 2)") + "]");
    EXPECT_EQ(outcome.accepted, 2U);
    EXPECT_EQ(outcome.rejected, 2U);
    EXPECT_EQ(faults(outcome), "entity_limit c ");
    outcome = gateway.write("[" + item("d", 1, R"("x": 2)") + "," + item("a", 1, R"("x": 2)") + "]",
                            Format::json, true);
    EXPECT_EQ(outcome.status, WriteStatus::refused);
    EXPECT_EQ(gateway.write(item("b", 1, R"("x": 2)")).accepted, 1U);
    EXPECT_EQ(points(), "a|0|x|1\nb|0|x|1\nb|1|x|2\n");
    ASSERT_EQ(query("UPDATE tenants SET max_entities = NULL WHERE tenant_id = 2"), "");
    EXPECT_EQ(gateway.write(item("c", 0, R"("x": 3)")).accepted, 1U);
}

// Goal: a tag is written with the entity's first line and with the line that changes it, and not
// with those between, whether they come together or apart, also to a gateway that has just begun.
TEST_F(FirstSightTest, ATagIsWrittenWhenItChanges) {
    const auto line = [](std::string_view site, int second) {
        return fmt::format("pump,entity=p,site={} value={} {}\n", site, second,
                           (kStart + std::int64_t{second} * 1000) * 1'000'000);
    };
    const std::string tags =
        "SELECT extract(epoch FROM v.observed_at - '2026-01-01')::int, v.value "
        "FROM entity_values_ts v JOIN attributes a USING (attribute_id) "
        "WHERE attribute_name = 'site' ORDER BY 1";
    TestGateway gateway(conninfo_);
    gateway.write(line("berlin", 0) + line("berlin", 1), Format::line);
    gateway.write(line("berlin", 2), Format::line);
    EXPECT_EQ(query(tags), "0|berlin\n");
    gateway.write(line("berlin", 3) + line("paris", 4) + line("paris", 5), Format::line);
    gateway.write(line("paris", 6), Format::line);
    EXPECT_EQ(query(tags), "0|berlin\n4|paris\n");
    EXPECT_EQ(hot(), "p|{\"site\": \"paris\"}\n");
    TestGateway(conninfo_).write(line("rome", 7), Format::line);
    EXPECT_EQ(query(tags), "0|berlin\n4|paris\n7|rome\n");
    EXPECT_EQ(hot(), "p|{\"site\": \"rome\"}\n");
    EXPECT_EQ(query("SELECT count(*) FROM entity_values_ts v JOIN attributes a "
                    "USING (attribute_id) WHERE attribute_name = 'pump'"),
              "8\n");
}

// Goal: a request beyond the memory limit is `busy` at once and stores nothing;
// what was taken before is committed, and afterwards there is room again.
// Method: hold the shards, so that nothing taken can end, and send until the bound is reached.
TEST_F(FirstSightTest, AFullQueueIsBusyAndLosesNothing) {
    Options options = TestGateway::options_for(conninfo_);
    options.max_queued_bytes = 100'000;
    TestGateway gateway(options);
    ASSERT_TRUE(connection_.exec("BEGIN"));
    ASSERT_TRUE(connection_.exec("SELECT atlas_lock_all_shards()"));
    std::vector<std::future<WriteOutcome>> taken;
    std::string expected;
    for (bool full = false; !full;) {
        ASSERT_LT(taken.size(), 100U);
        const std::string entity = fmt::format("e{:02}", taken.size());
        auto answer = gateway.begin_write(item(entity, 0, R"("x": 1)"));
        full = answer.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
        if (full) {
            EXPECT_EQ(answer.get().status, WriteStatus::busy);
        } else {
            taken.push_back(std::move(answer));
            expected += entity + "|0|x|1\n";
        }
    }
    ASSERT_FALSE(taken.empty());
    ASSERT_TRUE(connection_.exec("COMMIT"));
    for (auto& answer : taken) EXPECT_EQ(answer.get().status, WriteStatus::done);
    EXPECT_EQ(points(), expected);
    WriteOutcome again;
    do {  // until the memory of the last one is free
        again = gateway.write(item("later", 0, R"("x": 2)"));
    } while (again.status == WriteStatus::busy);
    EXPECT_EQ(again.status, WriteStatus::done);
    EXPECT_EQ(points(), expected + "later|0|x|2\n");
}

// Goal: the bound on age is that of the request's arrival, for every protocol.
TEST_F(FirstSightTest, WhatIsOlderThanTheBoundIsRefused) {
    Options options = TestGateway::options_for(conninfo_);
    options.oldest = std::chrono::hours{1};
    TestGateway gateway(options);
    const std::int64_t old = to_micros(now() - std::chrono::minutes{61});
    const std::int64_t young = to_micros(now() - std::chrono::minutes{59});
    const auto json =
        gateway.write(fmt::format(R"([{{"entity": "old", "at": {}, "attributes": {{"x": 1}}}},
                        {{"entity": "young", "at": {}, "attributes": {{"x": 1}}}},
                        {{"entity": "now", "attributes": {{"x": 1}}}}])",
                                  old / 1000, young / 1000));
    EXPECT_EQ(json.accepted, 2U);
    EXPECT_EQ(faults(json), "time_out_of_range old ");
    const auto lines =
        gateway.write(fmt::format("m,entity=old value=1 {}\nm,entity=young value=1 {}\n",
                                  old * 1000, young * 1000),
                      Format::line);
    EXPECT_EQ(lines.accepted, 1U);
    EXPECT_EQ(lines.dropped_lines, 1U);
    ASSERT_EQ(lines.errors.size(), 1U);
    EXPECT_EQ(lines.errors[0].code, ItemCode::time_out_of_range);
    EXPECT_EQ(query("SELECT external_id FROM entities ORDER BY 1"), "now\nyoung\n");
}

}  // namespace
}  // namespace atlas::ingest
