// SPDX-License-Identifier: Apache-2.0
//
// Cases in which history, current state and the caches of several writers could differ.
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

class AdversaryTest : public ::testing::Test {
protected:
    std::string query(std::string_view sql) { return database_.query(sql); }
    std::string hot() { return database_.hot(); }
    std::string history() { return database_.points(); }

    TestDatabase database_;
    const std::string conninfo_ = database_.conninfo();
    pg::Connection* const connection_ = &database_.connection();
    std::optional<TestGateway> gateway_{conninfo_};
};

// Goal: tags that are left out as unchanged never hide a change.
// Method: a late line with other tags, and the same name written as JSON, between equal lines.
TEST_F(AdversaryTest, TagsAreWrittenAgainAfterAnythingThatMayHaveChangedThem) {
    const auto line = [this](std::string_view site, int second) {
        const auto answer = gateway_->write(fmt::format("m,entity=e,site={} value=1 {}", site,
                                                        (kStart / 1000 + second) * 1'000'000'000),
                                            Format::line);
        EXPECT_EQ(answer.rejected, 0U);
    };
    line("a", 100);
    line("b", 50);
    line("a", 200);
    EXPECT_EQ(query("SELECT hot_attrs->>'site' FROM entity_jsonb"), "a\n");
    line("b", 250);
    EXPECT_EQ(query("SELECT hot_attrs->>'site' FROM entity_jsonb"), "b\n");
    gateway_->write(item("e", 300, R"("site": "c")"));
    line("b", 400);
    EXPECT_EQ(query("SELECT hot_attrs->>'site' FROM entity_jsonb"), "b\n");
    line("b", 500);
    EXPECT_EQ(
        query("SELECT count(*) FROM entity_values_ts v JOIN attributes a USING (attribute_id) "
              "WHERE a.attribute_name = 'site' AND v.observed_at >= '2026-01-01 00:08:20Z'"),
        "0\n");
}

// Goal: a null of an attribute that this gateway has not heard of yet is not lost.
TEST_F(AdversaryTest, ANullReachesAnAttributeThatAnotherGatewayRegistered) {
    gateway_->write(item("e", 0, R"("known": 1)"));
    TestGateway other(conninfo_);
    other.write(item("e", 1, R"("status": "online")"));
    EXPECT_EQ(hot(), "e|{\"status\": \"online\"}\n");
    EXPECT_EQ(gateway_->write(item("e", 2, R"("status": null)")).accepted, 1U);
    EXPECT_EQ(hot(), "e|{}\n");
}

// Goal: of a name given twice in an item, each value is checked by itself.
TEST_F(AdversaryTest, ANameThatStandsTwiceIsJudgedTwice) {
    gateway_->write(item("e", 0, R"("n": 1)"));
    const auto both = gateway_->write(item("e", 1, R"("n": "x", "n": "y")"));
    EXPECT_EQ(both.accepted, 0U);
    EXPECT_EQ(both.rejected, 2U);
    const auto one = gateway_->write(item("e", 2, R"("n": "x", "n": 5)"));
    EXPECT_EQ(one.accepted, 1U);
    EXPECT_EQ(one.rejected, 1U);
    EXPECT_EQ(history(), "e|0|n|1\ne|2|n|5\n");
}

// Goal: what no partition can hold is rejected alone, and takes no memory from others.
TEST_F(AdversaryTest, ATimeBeforeTheFirstYearIsRefusedByItself) {
    const auto answer =
        gateway_->write(R"([{"entity": "e", "at": -253402300799999, "attributes": {"n": 1}},)" +
                        item("e", 1, R"("n": 2)") + "]");
    EXPECT_EQ(answer.accepted, 1U);
    ASSERT_EQ(answer.errors.size(), 1U);
    EXPECT_EQ(answer.errors[0].code, ItemCode::time_out_of_range);
}

// Goal: small repetitions of large observations are merged, in as many transactions as it takes.
TEST_F(AdversaryTest, RepetitionsOfLargeObservationsAreMergedPieceByPiece) {
    constexpr int kRows = 80;
    const std::string large(1'000'000, 'x');
    std::string repetitions;
    for (int i = 0; i < kRows; ++i) {
        const auto answer = gateway_->write(item("e", i, R"("text": ")" + large + "\""));
        ASSERT_EQ(answer.accepted, 1U);
        repetitions += item("e", i, R"("n": 1)") + "\n";
    }
    EXPECT_EQ(gateway_->write(repetitions, Format::ndjson).accepted, kRows);
    EXPECT_EQ(query("SELECT count(*), count(*) FILTER (WHERE length(text_values[1]) = 1000000), "
                    "sum(int_values[1]) FROM observations"),
              "80|80|80\n");
}

// Goal: an atomic request, which nothing can split, is repeated like any other.
TEST_F(AdversaryTest, AManyfoldAtomicRequestMayBeRepeated) {
    constexpr int kRows = 25'000;
    std::string body;
    for (int i = 0; i < kRows; ++i) {
        body += item(fmt::format("e{}", i % 100), i / 100, R"("n": 1)") + "\n";
    }
    for (const int round : {1, 2}) {
        const auto answer = gateway_->write(body, Format::ndjson, true);
        EXPECT_EQ(answer.accepted, kRows) << round;
        EXPECT_EQ(answer.status, WriteStatus::done) << round;
    }
    EXPECT_EQ(query("SELECT count(*) FROM observations"), "25000\n");
}

// Goal: fields of several measurements, of which one is refused, are counted by their own places.
TEST_F(AdversaryTest, ARefusedFieldOfAnotherMeasurementIsCountedOnce) {
    gateway_->write("mem,entity=a y=1.5 1767225600000000000", Format::line);
    const auto answer = gateway_->write(
        "cpu,entity=a x=1 1767225601000000000\nmem,entity=a y=\"s\",z=2 1767225601000000000",
        Format::line);
    EXPECT_EQ(answer.rejected, 1U);
    EXPECT_EQ(answer.dropped_lines, 1U);
    EXPECT_EQ(answer.kept_fields, 2U);
}

// Goal: two requests of one transaction, validated by different snapshots of the catalog, remove
// and set one hot value; the later one counts.
// Method: hold the shards so that both wait for a third, and register an attribute between.
TEST_F(AdversaryTest, ANullAndAValueFromTwoSnapshotsKeepTheirOrder) {
    gateway_->write(item("a", 0, R"("s": "old")"));
    ASSERT_TRUE(connection_->exec("BEGIN"));
    ASSERT_TRUE(connection_->exec("SELECT atlas_lock_all_shards()"));
    auto blocked = gateway_->begin_write(item("a", 1, R"("s": "older")"));
    // The writers are in the transaction that waits for the shards.
    while (query("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' "
                 "AND classid = 1635019891") == "0\n") {
    }
    auto removal = gateway_->begin_write(item("a", 2, R"("s": null)"));
    auto value = gateway_->begin_write(item("a", 3, R"("s": "new", "another": 1)"));
    while (query("SELECT count(*) FROM attributes WHERE attribute_name = 'another'") == "0\n") {
    }
    ASSERT_TRUE(connection_->exec("COMMIT"));
    EXPECT_EQ(blocked.get().accepted, 1U);
    EXPECT_EQ(removal.get().accepted, 1U);
    EXPECT_EQ(value.get().accepted, 2U);
    EXPECT_EQ(hot(), "a|{\"s\": \"new\"}\n");
}

// Goal: a null that SQL wrote first holds against a late value from a gateway.
TEST_F(AdversaryTest, AStagedNullHoldsAgainstALateValue) {
    gateway_->write(item("a", 0, R"("x": 1)"));
    gateway_->write(item("b", 0, R"("s": "known")"));
    query(
        "INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, ingested_at) "
        "SELECT e.entity_id, 2, a.attribute_id, '2026-01-01 00:00:50+00' "
        "FROM entities e, attributes a WHERE external_id = 'a' AND attribute_name = 's'");
    EXPECT_EQ(query("SELECT stage_flush()"), "1\n");
    gateway_->write(item("a", 40, R"("s": "late")"));
    EXPECT_EQ(hot(), "a|{}\nb|{\"s\": \"known\"}\n");
    gateway_->write(item("a", 50, R"("s": "same instant")"));
    EXPECT_EQ(hot(), "a|{\"s\": \"same instant\"}\nb|{\"s\": \"known\"}\n");
}

// Goal: a tenant that is enabled again takes writes again, also by a gateway that saw it disabled.
TEST_F(AdversaryTest, ATenantEnabledAgainIsWrittenToAgain) {
    gateway_->write(item("a", 0, R"("x": 1)"));
    ASSERT_EQ(query("UPDATE tenants SET is_active = false WHERE tenant_id = 2"), "");
    EXPECT_EQ(gateway_->write(item("a", 1, R"("x": 2)")).status, WriteStatus::tenant_inactive);
    ASSERT_EQ(query("UPDATE tenants SET is_active = true WHERE tenant_id = 2"), "");
    EXPECT_EQ(gateway_->write(item("a", 2, R"("x": 3)")).status, WriteStatus::done);
    EXPECT_EQ(history(), "a|0|x|1\na|2|x|3\n");
}

// Goal: a line whose fields are all refused leaves no row, registers no entity and no tag, and
// changes nothing that is known of its entity; its tags count neither as accepted nor as rejected.
// Method: refuse the fields by the type they have, also by one that the same request gave them.
TEST_F(AdversaryTest, ATagAloneIsNoObservation) {
    gateway_->write("m,entity=a,site=x v=1.5 1767225600000000000", Format::line);
    const auto all = [&] {
        return history() + hot() +
               query(
                   "SELECT entity_id, last_day, updated_at, hot_at "
                   "FROM entity_jsonb ORDER BY 1") +
               query(
                   "SELECT attribute_name, in_use FROM tenant_attributes "
                   "JOIN attributes USING (attribute_id) ORDER BY 1");
    };
    const std::string before = all();
    query("INSERT INTO attributes (attribute_name, type) VALUES ('declared', 'string')");
    query(
        "INSERT INTO tenant_attributes (tenant_id, attribute_id, type, declared) SELECT 2, "
        "attribute_id, 'string', true FROM attributes WHERE attribute_name = 'declared'");
    const std::string declared = all();
    ASSERT_NE(declared, before);
    gateway_.emplace(conninfo_);
    for (const std::string line :
         {"m,entity=a,site=y,zone=z,declared=d v=\"s\" 1767312000000000000",
          "m,entity=b,site=y,zone=z,declared=d v=\"s\" 1767312000000000000",
          "m,entity=b,zone=z v=t,big=1e999 1767312000000000000"}) {
        const auto outcome = gateway_->write(line, Format::line);
        EXPECT_EQ(outcome.status, WriteStatus::refused) << line;
        EXPECT_EQ(outcome.accepted, 0U) << line;
        EXPECT_EQ(outcome.dropped_lines, 1U) << line;
        EXPECT_EQ(all(), declared) << line;
    }
    const auto both = gateway_->write(
        "m,entity=a w=1 1767225601000000000\nm,entity=c,late=l w=\"s\" 1767225601000000000",
        Format::line);
    EXPECT_EQ(both.accepted, 1U);
    EXPECT_EQ(both.rejected, 1U);
    EXPECT_EQ(both.dropped_lines, 1U);
    EXPECT_EQ(query("SELECT count(*) FROM entities"), "1\n");
    EXPECT_EQ(query("SELECT count(*) FROM attributes WHERE attribute_name IN ('late', 'zone')"),
              "0\n");
    // With a field that is stored, the tags are too, also those of the refused one's line.
    EXPECT_EQ(
        gateway_->write("m,entity=c,late=l w=\"s\",v=2 1767225602000000000", Format::line).accepted,
        2U);
    EXPECT_EQ(query("SELECT hot_attrs FROM entity_jsonb JOIN entities USING (entity_id) "
                    "WHERE external_id = 'c'"),
              "{\"late\": \"l\"}\n");
}

// Goal: a field is stored although a tag of the same name is known and left out.
// Method: two series whose points have the same names in the same order, one of them as a tag.
TEST_F(AdversaryTest, AFieldThatIsNamedLikeATagIsKept) {
    gateway_->write(
        "b_f,entity=t,b=x value=1 1767225600000000000\n"
        "b,entity=f value=\"y\",f=2 1767225600000000000\n"
        "b,entity=f value=\"z\",f=3 1767225601000000000\n",
        Format::line);
    EXPECT_EQ(history(),
              "f|0|b|y\nf|0|b_f|2\nf|1|b|z\nf|1|b_f|3\n"
              "t|0|b|x\nt|0|b_f|1\n");
}

// Goal: the first fraction makes an int attribute double, whatever ints it holds. Those that no
// double holds keep all their digits, in whatever order and requests they arrive.
TEST_F(AdversaryTest, WideIntsOfADoubleKeepTheirDigits) {
    const std::string values[] = {"9223372036854775807", "-1", "21.5", "9007199254740993"};
    const auto n = [&](int i) { return item("a", i, R"("n": )" + values[i]); };
    for (int i = 0; i < 4; ++i) EXPECT_EQ(gateway_->write(n(i)).accepted, 1U) << i;
    const auto of = [&](std::string_view name, int i) {
        return item("a", i, fmt::format(R"("{}": {})", name, values[i]));
    };
    const auto all = gateway_->write("[" + of("new", 0) + "," + of("new", 1) + "," + of("new", 2) +
                                     "," + of("new", 3) + "]");
    EXPECT_EQ(all.accepted, 4U);
    gateway_->write(of("known", 1));
    const auto rest =
        gateway_->write("[" + of("known", 0) + "," + of("known", 2) + "," + of("known", 3) + "]");
    EXPECT_EQ(rest.accepted, 3U);
    for (int i = 3; i >= 0; --i) EXPECT_EQ(gateway_->write(of("back", i)).accepted, 1U) << i;
    std::string expected;
    for (int i = 0; i < 4; ++i) {
        for (const char* name : {"back", "known", "n", "new"}) {
            expected += fmt::format("a|{}|{}|{}\n", i, name, values[i]);
        }
    }
    EXPECT_EQ(history(), expected);
    EXPECT_EQ(query("SELECT DISTINCT type FROM tenant_attributes"), "double\n");
}

// Goal: a declared double holds them too, by line protocol as by JSON, from its first value on; and
// integers beyond 64 bits that are exactly a double, and no others.
TEST_F(AdversaryTest, ADeclaredDoubleHoldsWideInts) {
    query(
        "WITH x AS (INSERT INTO attributes (attribute_name, type, is_hot) VALUES ('x', 'double', "
        "true) RETURNING *) INSERT INTO tenant_attributes (tenant_id, attribute_id, type, declared)"
        " SELECT 2, attribute_id, 'double', true FROM x");
    EXPECT_EQ(gateway_->write(item("a", 0, R"("x": 9223372036854775807)")).accepted, 1U);
    EXPECT_EQ(hot(), "a|{\"x\": 9223372036854775807}\n");
    EXPECT_EQ(gateway_->write(item("a", 1, R"("x": 21.5)")).accepted, 1U);
    gateway_->write(
        "x,entity=a value=-9007199254740993i 1767225602000000000\n"
        "x,entity=a value=9007199254740993 1767225603000000000\n",
        Format::line);
    EXPECT_EQ(gateway_->write(item("a", 4, R"("x": 18446744073709551616)")).accepted, 1U);
    EXPECT_EQ(gateway_->write(item("a", 5, R"("x": 18446744073709551615)")).accepted, 0U);
    EXPECT_EQ(history(),
              "a|0|x|9223372036854775807\na|1|x|21.5\na|2|x|-9007199254740993\n"
              "a|3|x|9.007199254740992e+15\na|4|x|1.8446744073709552e+19\n");
    EXPECT_EQ(hot(), "a|{\"x\": 18446744073709552000}\n");
    EXPECT_EQ(query("SELECT entity_id FROM atlas_check_hot_state(0, 0, 100) WHERE diverged"), "");
}

// Goal: the current state keeps the digits of an int whose attribute has become double, and history
// agrees with it.
TEST_F(AdversaryTest, TheStateOfAWideIntOutlivesItsType) {
    query(
        "WITH x AS (INSERT INTO attributes (attribute_name, type, is_hot) VALUES ('x', 'int', true)"
        " RETURNING *) INSERT INTO tenant_attributes (tenant_id, attribute_id, type, is_hot) "
        "SELECT 2, attribute_id, 'int', true FROM x");
    gateway_->write("[" + item("a", 5, R"("x": 9223372036854775807)") + "," +
                    item("b", 5, R"("x": 0.5)") + "," + item("c", 5, R"("x": 1)") + "]");
    EXPECT_EQ(hot(), "a|{\"x\": 9223372036854775807}\nb|{\"x\": 0.5}\nc|{\"x\": 1}\n");
    gateway_.emplace(conninfo_);
    gateway_->write("[" + item("a", 4, R"("x": 1.5)") + "," + item("c", 6, R"("x": 1.0)") + "]");
    EXPECT_EQ(hot(), "a|{\"x\": 9223372036854775807}\nb|{\"x\": 0.5}\nc|{\"x\": 1}\n");
    EXPECT_EQ(query("SELECT entity_id FROM atlas_check_hot_state(0, 0, 100) WHERE diverged"), "");
    gateway_->write(item("a", 7, R"("x": 9.223372036854775807e18)"));
    EXPECT_EQ(query("SELECT (hot_attrs->'x')::float8 = 9223372036854775808, "
                    "hot_attrs->>'x' = '9223372036854775807' FROM entity_jsonb j "
                    "JOIN entities e USING (entity_id) WHERE external_id = 'a'"),
              "t|f\n");
}

// Goal: when retention took the last day but not an earlier one, an earlier instant still merges.
TEST_F(AdversaryTest, AnEarlierInstantMergesThoughTheLastDayIsGone) {
    gateway_->write(item("a", 0, R"("x": 1)"));
    gateway_->write(item("a", 40 * 86400, R"("x": 2)"));
    ASSERT_EQ(query("DELETE FROM observations WHERE observed_at >= '2026-02-01'"), "");
    gateway_.emplace(conninfo_);
    EXPECT_EQ(gateway_->write(item("a", 0, R"("y": 3)")).status, WriteStatus::done);
    EXPECT_EQ(history(), "a|0|x|1\na|0|y|3\n");
}

// Goal: what is reported as rejected is not stored, although the catalog would take it by the time
// the rest is committed.
TEST_F(AdversaryTest, WhatWasRefusedStaysRefused) {
    gateway_->write(item("a", 0, R"("y": 1)"));
    query(
        "WITH x AS (INSERT INTO attributes (attribute_name, type) VALUES ('x', 'int') RETURNING *) "
        "INSERT INTO tenant_attributes (tenant_id, attribute_id, type, declared) "
        "SELECT 2, attribute_id, 'int', true FROM x");
    ASSERT_TRUE(connection_->exec("BEGIN"));
    ASSERT_TRUE(connection_->exec("SELECT atlas_lock_all_shards()"));
    auto answer = gateway_->begin_write(item("a", 1, R"("x": "text", "y": 2)"));
    while (query("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' "
                 "AND classid = 1635019891") == "0\n") {
    }
    query("UPDATE tenant_attributes SET type = 'string' WHERE type = 'int' AND declared");
    query("SELECT atlas_raise_epochs('{2}')");
    ASSERT_TRUE(connection_->exec("COMMIT"));
    const WriteOutcome outcome = answer.get();
    EXPECT_EQ(outcome.accepted, 1U);
    EXPECT_EQ(outcome.rejected, 1U);
    EXPECT_EQ(history(), "a|0|y|1\na|1|y|2\n");
    EXPECT_EQ(gateway_->write(item("a", 2, R"("x": "text")")).accepted, 1U);
}

// Goal: a gateway that is stopped in the middle of its COPY, where no timeout of the server reaches
// it, does not hold others up for long.
TEST_F(AdversaryTest, AGatewayStoppedInItsCopyIsEnded) {
    gateway_->write(item("a", 0, R"("x": 1)"));
    auto stopped = pg::Connection::open(conninfo_, {}).value();
    ASSERT_TRUE(stopped.exec("BEGIN"));
    ASSERT_TRUE(stopped.exec("SELECT atlas_lock_all_shards()"));
    ASSERT_TRUE(stopped.copy_begin("COPY public.shapes (attrs) FROM STDIN (FORMAT binary)"));

    Options options = TestGateway::options_for(conninfo_);
    options.session.lock_timeout = std::chrono::milliseconds{100};
    options.session.statement_timeout = std::chrono::milliseconds{1000};
    EXPECT_EQ(TestGateway(options).write(item("a", 1, R"("x": 2)")).status, WriteStatus::done);
    EXPECT_FALSE(stopped.copy_end());
    EXPECT_EQ(history(), "a|0|x|1\na|1|x|2\n");
}

}  // namespace
}  // namespace atlas::ingest
