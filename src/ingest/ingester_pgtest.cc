// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingester.h"

#include <gtest/gtest.h>

#include <future>

#include "ingest/test_database.h"
#include "ingest/test_gateway.h"
#include "testing/manual_clock.h"

namespace atlas::ingest {
namespace {

class IngesterTest : public ::testing::Test {
protected:
    void SetUp() override { restart(); }

    // A new gateway, whose caches are empty.
    void restart() {
        ingester_.reset();
        ingester_ = std::make_unique<Ingester>(TestGateway::options_for(conninfo_), catalog_,
                                               shapes_, registry_, *deadlines_);
        ingester_->start();
    }

    WriteOutcome write(std::string body, Format format = Format::json, bool atomic = false) {
        return begin_write(std::move(body), std::chrono::seconds{20}, format, atomic).get();
    }
    std::future<WriteOutcome> begin_write(std::string body, std::chrono::milliseconds patience,
                                          Format format = Format::json, bool atomic = false) {
        auto answer = std::make_shared<std::promise<WriteOutcome>>();
        WriteRequest request;
        request.tenant = kDefaultTenant;
        request.format = format;
        request.atomic = atomic;
        request.body = std::move(body);
        request.received_at = now();
        request.deadline = deadlines_->steady() + patience;
        request.done = [answer](WriteOutcome outcome) { answer->set_value(std::move(outcome)); };
        auto future = answer->get_future();
        ingester_->submit(std::move(request));
        return future;
    }

    std::string query(std::string_view sql) { return database_.query(sql); }
    std::string history() {
        return query(
            "SELECT e.external_id, floor(extract(epoch FROM o.observed_at))::bigint, "
            "(SELECT string_agg(a.attribute_name, ',' ORDER BY u.n) "
            " FROM unnest(coalesce(o.attrs, s.attrs)) WITH ORDINALITY u (id, n) "
            " JOIN attributes a ON a.attribute_id = u.id), "
            "o.int_values, o.double_values, o.decimal_values, o.text_values "
            "FROM observations o JOIN entities e USING (entity_id) "
            "LEFT JOIN shapes s USING (shape_id) ORDER BY 1, o.observed_at");
    }
    std::string hot() { return database_.hot(); }

    TestDatabase database_;
    const std::string conninfo_ = database_.conninfo();
    const SystemClock clock_;
    test::ManualClock stopped_clock_;
    const Clock* deadlines_ = &clock_;  // from the next start on
    catalog::Catalog catalog_{clock_};
    storage::ShapeRegistry shapes_{clock_};
    observe::Registry registry_;
    std::unique_ptr<Ingester> ingester_;
    pg::Connection* const connection_ = &database_.connection();
};

TEST_F(IngesterTest, AnObservationBecomesHistoryAndCurrentState) {
    const auto outcome = write(
        R"({"entity": "pump-7", "type": "pump", "at": "2026-01-01T00:00:00Z",
            "attributes": {"status": "online", "pressure": 4.2, "cycles": 17, "ok": true}})");
    EXPECT_EQ(outcome.status, WriteStatus::done);
    EXPECT_EQ(outcome.accepted, 4U);
    EXPECT_GT(outcome.token.lsn.value, 0U);
    EXPECT_EQ(ingester_->meter().accepted_points(), 4U);
    EXPECT_EQ(history(), "pump-7|1767225600|cycles,ok,pressure,status|{17,1}|{4.2}|∅|{online}\n");
    EXPECT_EQ(hot(), "pump-7|{\"ok\": true, \"status\": \"online\"}\n");
}

// Goal: an arrival is kept to the millisecond, and an instant to the microsecond.
TEST_F(IngesterTest, ArrivalsAreMilliseconds) {
    write(R"([{"entity": "a", "at": "2026-01-01T00:00:00.000001Z", "attributes": {"x": 1}},
              {"entity": "b", "attributes": {"x": 1}}])");
    EXPECT_EQ(query("SELECT count(*) FROM observations o JOIN entities e USING (entity_id) WHERE "
                    "external_id = 'a' AND received_at = date_trunc('milliseconds', received_at) "
                    "AND date_part('microseconds', observed_at) = 1"),
              "1\n");
    EXPECT_EQ(query("SELECT count(*) FROM observations o JOIN entities e USING (entity_id) WHERE "
                    "external_id = 'b' AND received_at = observed_at"),
              "1\n");
}

// Goal: the same instant merges, per attribute the newest arrival wins, repeating changes nothing.
TEST_F(IngesterTest, TheSameInstantMerges) {
    write(R"({"entity": "a", "at": 1767225600000, "attributes": {"x": 1, "s": "one"}})");
    write(R"({"entity": "a", "at": 1767225600000, "attributes": {"y": 2.5, "s": "two"}})");
    const std::string merged = "a|1767225600|x,y,s|{1}|{2.5}|∅|{two}\n";
    EXPECT_EQ(history(), merged);
    const std::string before = query("SELECT xmin FROM observations");
    write(R"({"entity": "a", "at": 1767225600000, "attributes": {"y": 2.5, "s": "two"}})");
    EXPECT_EQ(query("SELECT xmin FROM observations"), before);
    EXPECT_EQ(history(), merged);
    EXPECT_EQ(hot(), "a|{\"s\": \"two\"}\n");
}

// Goal: a late value loses against a repetition that was never written to the state.
TEST_F(IngesterTest, ALateValueLosesAgainstASuppressedRepetition) {
    write(R"([{"entity": "a", "at": 1767225600000, "attributes": {"s": "on"}},
              {"entity": "a", "at": 1767225660000, "attributes": {"s": "on"}}])");
    write(R"({"entity": "a", "at": 1767225630000, "attributes": {"s": "off"}})");
    EXPECT_EQ(hot(), "a|{\"s\": \"on\"}\n");
    // A gateway with empty caches must come to the same result from history.
    restart();
    write(R"({"entity": "a", "at": 1767225640000, "attributes": {"s": "off"}})");
    EXPECT_EQ(hot(), "a|{\"s\": \"on\"}\n");
    write(R"({"entity": "a", "at": 1767225660001, "attributes": {"s": "off"}})");
    EXPECT_EQ(hot(), "a|{\"s\": \"off\"}\n");
}

// Goal: the same, when the repetition lies weeks before the entity's newest observation and the
// first value weeks before that: history is searched in windows that grow.
TEST_F(IngesterTest, ARepetitionIsFoundHoweverLongAgo) {
    const auto on_day = [this](int day, std::string_view attributes) {
        return write(fmt::format(R"({{"entity": "a", "at": {}, "attributes": {{{}}}}})",
                                 1767225600000 + day * std::int64_t{86'400'000}, attributes));
    };
    on_day(0, R"("s": "on", "t": "old")");
    on_day(20, R"("s": "on")");
    on_day(60, R"("x": 1)");
    restart();
    on_day(10, R"("s": "off", "t": "new")");
    EXPECT_EQ(hot(), "a|{\"s\": \"on\", \"t\": \"new\"}\n");
    restart();
    on_day(30, R"("s": "off")");
    EXPECT_EQ(hot(), "a|{\"s\": \"off\", \"t\": \"new\"}\n");
}

TEST_F(IngesterTest, OneBadItemCostsOnlyItself) {
    write(R"({"entity": "a", "at": 1767225600000, "attributes": {"p": 1.5}})");
    const auto outcome = write(
        "{\"entity\": \"a\", \"at\": 1767225601000, \"attributes\": {\"p\": \"high\", \"q\": 1}}\n"
        "{\"entity\": \"b\", \n"
        "{\"entity\": \"c\", \"attributes\": {\"p\": 2.5}, \"colour\": 1}\n"
        "{\"entity\": \"d\", \"at\": 1767225600000, \"attributes\": {\"p\": 3.5}}\n",
        Format::ndjson);
    EXPECT_EQ(outcome.accepted, 2U);
    EXPECT_EQ(outcome.rejected, 3U);
    ASSERT_EQ(outcome.errors.size(), 3U);
    EXPECT_EQ(to_string(outcome.errors[0].code), "wrong_type");
    EXPECT_EQ(outcome.errors[0].line, 1U);
    EXPECT_EQ(to_string(outcome.errors[1].code), "invalid_json");
    EXPECT_EQ(outcome.errors[1].line, 2U);
    EXPECT_EQ(to_string(outcome.errors[2].code), "unknown_field");
    EXPECT_EQ(history(),
              "a|1767225600|p|∅|{1.5}|∅|∅\n"
              "a|1767225601|q|{1}|∅|∅|∅\n"
              "d|1767225600|p|∅|{3.5}|∅|∅\n");
}

TEST_F(IngesterTest, AtomicKeepsAllOrNothing) {
    const auto outcome = write(
        R"([{"entity": "a", "attributes": {"p": 1.5}}, {"entity": "", "attributes": {"p": 1.5}}])",
        Format::json, true);
    EXPECT_EQ(outcome.status, WriteStatus::refused);
    EXPECT_EQ(history(), "");
    EXPECT_EQ(write(R"([{"entity": "a", "at": 1767225600000, "attributes": {"p": 1.5}}])",
                    Format::json, true)
                  .status,
              WriteStatus::done);
    EXPECT_EQ(history(), "a|1767225600|p|∅|{1.5}|∅|∅\n");
}

TEST_F(IngesterTest, AnIntBecomesDoubleWithItsFirstFraction) {
    write(R"({"entity": "a", "at": 1767225600000, "attributes": {"n": 3}})");
    write(R"({"entity": "a", "at": 1767225601000, "attributes": {"n": 3.5}})");
    EXPECT_EQ(history(),
              "a|1767225600|n|{3}|∅|∅|∅\n"
              "a|1767225601|n|∅|{3.5}|∅|∅\n");
}

TEST_F(IngesterTest, ANullRemovesAHotValue) {
    write(R"({"entity": "a", "at": 1767225600000, "attributes": {"s": "on", "t": "x"}})");
    write(R"({"entity": "a", "at": 1767225601000, "attributes": {"s": null}})");
    EXPECT_EQ(hot(), "a|{\"t\": \"x\"}\n");
    write(R"({"entity": "a", "at": 1767225600500, "attributes": {"s": "late"}})");
    EXPECT_EQ(hot(), "a|{\"t\": \"x\"}\n");
    EXPECT_EQ(history(),
              "a|1767225600|s,t|∅|∅|∅|{on,x}\n"
              "a|1767225600|s|∅|∅|∅|{late}\n"
              "a|1767225601|s|∅|∅|∅|{NULL}\n");
}

// Goal: a request gets its response by its deadline, whatever is queued before it.
TEST_F(IngesterTest, DeadlinesAreKeptInWhateverOrderTheyCome) {
    deadlines_ = &stopped_clock_;
    restart();
    write(R"({"entity": "a", "attributes": {"p": 1.5}})");
    query("BEGIN");
    query("SELECT pg_advisory_xact_lock(1635019891, s) FROM generate_series(0, 63) s");
    auto patient = begin_write(R"({"entity": "a", "at": 1767225600000, "attributes": {"p": 2.5}})",
                               std::chrono::minutes{1});
    auto hasty = begin_write(R"({"entity": "a", "at": 1767225601000, "attributes": {"p": 3.5}})",
                             std::chrono::milliseconds{200});
    stopped_clock_.advance(std::chrono::milliseconds{199});
    stopped_clock_.await_waiting(1);
    EXPECT_EQ(hasty.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
    stopped_clock_.advance(std::chrono::milliseconds{1});
    EXPECT_EQ(hasty.wait_for(std::chrono::seconds{60}), std::future_status::ready);
    EXPECT_EQ(hasty.get().status, WriteStatus::unavailable);
    query("COMMIT");
    EXPECT_EQ(patient.get().status, WriteStatus::done);
}

TEST_F(IngesterTest, LinesThatLoseSomethingTellHowManyFieldsWereKept) {
    write("m,entity=a x=1.5,y=1.5", Format::line);
    query("UPDATE entities SET is_deleted = true");
    restart();
    const auto outcome =
        write("m,entity=b,t=1 x=1,y=1\nm,entity=b,t=1 x=\"no\",y=2\nm,entity=a,t=1 x=3,y=3\n",
              Format::line);
    EXPECT_EQ(outcome.status, WriteStatus::done);
    EXPECT_EQ(outcome.dropped_lines, 2U);
    EXPECT_EQ(outcome.kept_fields, 3U);
}

TEST_F(IngesterTest, LineProtocolWritesTagsOnce) {
    write("cpu,host=h1 usage=1.5 1767225600000000000\ncpu,host=h1 usage=2.5 1767225601000000000\n",
          Format::line);
    EXPECT_EQ(history(),
              "cpu,host=h1|1767225600|cpu_usage,host|∅|{1.5}|∅|{h1}\n"
              "cpu,host=h1|1767225601|cpu_usage|∅|{2.5}|∅|∅\n");
}

// Goal: a gateway reports the closed days it writes to, new rows and merged ones, and today only in
// its last minute.
TEST_F(IngesterTest, ClosedDaysAreReported) {
    write(R"([{"entity": "a", "attributes": {"x": 1}},
              {"entity": "a", "at": "2026-01-01T00:00:00Z", "attributes": {"x": 1}},
              {"entity": "b", "at": "2026-01-01T00:00:00Z", "attributes": {"x": 1}},
              {"entity": "b", "at": "2026-01-03T00:00:00Z", "attributes": {"x": 1}}])");
    EXPECT_EQ(
        query("SELECT DISTINCT day FROM closed_day_writes WHERE day < '2026-02-01' ORDER BY 1"),
        "2026-01-01\n2026-01-03\n");
    EXPECT_EQ(query("SELECT day FROM closed_day_writes WHERE day > '2026-02-01' AND now() < "
                    "(day + 1)::timestamp AT TIME ZONE 'UTC' - interval '2 minutes'"),
              "");
    EXPECT_EQ(query("REFRESH MATERIALIZED VIEW mv_entity_attribute_stats"), "");
    const std::string values =
        "SELECT sum(total_values) FROM attribute_stats WHERE day < '2026-02-01'";
    EXPECT_EQ(query(values), "3\n");
    write(R"({"entity": "b", "at": "2026-01-03T00:00:00Z", "attributes": {"y": 1}})");
    EXPECT_EQ(query("SELECT day FROM closed_day_writes WHERE day < '2026-02-01'"), "2026-01-03\n");
    EXPECT_EQ(query("REFRESH MATERIALIZED VIEW mv_entity_attribute_stats"), "");
    EXPECT_EQ(query(values), "4\n");
}

}  // namespace
}  // namespace atlas::ingest
