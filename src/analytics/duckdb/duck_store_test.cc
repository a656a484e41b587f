// SPDX-License-Identifier: Apache-2.0
//
// Goal: what was applied is in the store, once and exactly, whatever upkeep did to it meanwhile.
#include "analytics/duckdb/duck_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

#include "analytics/duckdb/error.h"
#include "analytics/duckdb/test_store.h"

namespace atlas::analytics::duckdb {
namespace {

using test::all;
using test::batch_of;
using test::Digits;
using test::TestPoint;

constexpr std::int64_t kNoon = 1'764'504'000'000'000;  // 2025-11-30 12:00

class DuckStoreTest : public testing::Test {
protected:
    void SetUp() override { open(); }
    void open() {
        store_.reset();
        auto opened = DuckStore::open({.path = folder_.path() / "deep" / "analytics.duckdb",
                                       .min_settled_points = 1,
                                       .min_sparse_days = 8,
                                       .min_points_per_aggregate = min_points_,
                                       .closing_patience = closing_patience_},
                                      clock_);
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = *std::move(opened);
    }
    // The store knows one attribute, 1, an int.
    void know_one_attribute() {
        Batch batch = batch_of({}, 0);
        batch.until.reset();
        test::add_attributes(batch, 1, {"int"});
        apply(batch);
    }
    void apply(const Batch& batch) {
        const auto done = store_->apply(batch);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::string ask(std::string_view sql) { return all(*store_, sql); }
    std::filesystem::path path() const { return store_->path(); }

    atlas::test::ManualClock clock_;
    test::TempFolder folder_;
    std::int64_t min_points_ = 1;
    std::chrono::milliseconds closing_patience_{5000};
    std::unique_ptr<DuckStore> store_;
};

DimensionRow row(stream::Table table, std::vector<std::optional<std::string>> cells) {
    return {.table = table, .removed = false, .cells = std::move(cells)};
}

Batch with_names(std::uint64_t lsn) {
    Batch batch = batch_of({}, lsn);
    using stream::Table;
    batch.dimensions = {
        row(Table::tenants, {"1", "acme", "1700000000000000", "true"}),
        row(Table::entities, {"7", "1", "pump", "1700000000000001", "false", "pump-7"}),
        row(Table::entity_jsonb, {"1", "7", R"({"a": 1})", "false"}),
    };
    test::add_attributes(batch, 1,
                         {"int", "double", "decimal", "string", "bool", "timestamp", "json"});
    return batch;
}

TEST_F(DuckStoreTest, ANewStoreHasNoPosition) {
    const auto state = store_->state();
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_FALSE(state->until);
    EXPECT_TRUE(state->notes.empty());
}

TEST_F(DuckStoreTest, PositionAndNotesArePartOfTheBatchAndSurviveAReopen) {
    know_one_attribute();
    Batch batch = batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 0xFFFF'FFFF'FFFF'FFFE);
    batch.notes = {{"copy", "day 3"}, {"system", "7"}};
    apply(batch);
    Batch second = batch_of({}, 0);
    second.until.reset();
    second.notes = {{"copy", std::nullopt}};
    apply(second);
    open();
    const auto state = store_->state();
    ASSERT_TRUE(state && state->until);
    EXPECT_EQ(state->until->timeline, 1);
    EXPECT_EQ(state->until->lsn.value, 0xFFFF'FFFF'FFFF'FFFE);
    EXPECT_EQ(to_micros(state->committed_at), 1'700'000'000'000'000);
    ASSERT_EQ(state->notes.size(), 1U);
    EXPECT_EQ(state->notes[0].name, "system");
    EXPECT_EQ(ask("SELECT count(*) FROM fact_telemetry"), "1\n");
}

TEST_F(DuckStoreTest, EveryTypeIsExactEndToEnd) {
    apply(with_names(1));
    apply(batch_of({{1, 7, 1, kNoon + 1, std::int64_t{9223372036854775807}},
                    {1, 7, 2, kNoon + 1, 0.1},
                    {1, 7, 2, kNoon + 2, std::int64_t{9007199254740993}},
                    {1, 7, 3, kNoon + 1, Digits{"12345678901234567890.123456789012345"}},
                    {1, 7, 4, kNoon + 1, std::string("größer")},
                    {1, 7, 4, kNoon + 2, std::monostate{}},
                    {1, 7, 5, kNoon + 1, std::int64_t{1}},
                    {1, 7, 6, kNoon + 1, std::int64_t{-1}},
                    {1, 7, 7, kNoon + 1, std::string(R"({"b": [1]})")}},
                   2));
    EXPECT_EQ(
        ask("SELECT attribute_name, value, value_int, value_bool, value_timestamp, "
            "value_double, value_json FROM fact_telemetry ORDER BY attribute_id, observed_at"),
        "int_attribute|9223372036854775807|9223372036854775807|null|null|null|null\n"
        "double_attribute|0.1|null|null|null|0.1|null\n"
        "double_attribute|9007199254740993|null|null|null|9007199254740992|null\n"
        "decimal_attribute|12345678901234567890.123456789012345|null|null|null|null|null\n"
        "string_attribute|größer|null|null|null|null|null\n"
        "string_attribute|null|null|null|null|null|null\n"
        "bool_attribute|true|null|true|null|null|null\n"
        "timestamp_attribute|1969-12-31T23:59:59.999999Z|null|null|"
        "1969-12-31T23:59:59.999999Z|null|null\n"
        "json_attribute|{\"b\": [1]}|null|null|null|null|{\"b\": [1]}\n");
    EXPECT_EQ(ask("SELECT entity_id, tenant_id, tenant_name, attribute_id, attribute_category, "
                  "entity_type, external_id, ingested_at, ingested_date, ingested_hour, "
                  "day_of_week, year_month, received_at, value_decimal FROM fact_telemetry "
                  "WHERE attribute_id <= 2 ORDER BY ALL LIMIT 2"),
              "7|1|acme|1|wear|pump|pump-7|2025-11-30T12:00:00.000001Z|2025-11-30|12|0|2025-11|"
              "2025-11-30T12:00:00.001001Z|9223372036854775807.000000000000\n"
              "7|1|acme|2|uncategorized|pump|pump-7|2025-11-30T12:00:00.000001Z|2025-11-30|12|0|"
              "2025-11|2025-11-30T12:00:00.001001Z|0.100000000000\n");
    EXPECT_EQ(ask("SELECT hot_attrs, external_id, is_deleted FROM fact_current_state"),
              "{\"a\": 1}|pump-7|false\n");
}

// A literal cast to TIMESTAMP would lose its offset.
TEST_F(DuckStoreTest, InstantsInTheTextOfAQuestionKeepTheirOffset) {
    know_one_attribute();
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 1));
    EXPECT_EQ(ask("SELECT count(*) FROM fact_telemetry "
                  "WHERE ingested_at = '2025-11-30 14:00:00+02:00'"),
              "1\n");
    EXPECT_EQ(ask("SELECT count(*) FROM fact_telemetry WHERE ingested_date = '2025-11-30'"), "1\n");
}

// Sums of aggregated hours are those of the raw values, to the last digit.
TEST_F(DuckStoreTest, SumsOfDoublesRoundOnce) {
    Batch batch = batch_of({}, 1);
    for (std::int64_t i = 0; i < 3000; ++i) {
        test::add(batch.points, {1, 1, 1, kNoon + i * 10'000'000, 0.1});
        test::add(batch.points, {1, 1, 2, kNoon + i * 10'000'000, i % 3 == 0 ? 1e15 : 1.0});
        // Bits further apart than two doubles reach: but those of a sum that is left at the end.
        test::add(batch.points,
                  {1, 1, 3, kNoon + i * 10'000'000, i % 2 == 0 ? std::ldexp(1, -60) : 0x1p60});
        test::add(batch.points, {1, 1, 4, kNoon + i * 10'000'000, i % 2 == 0 ? 1e300 : 1e-300});
    }
    apply(batch);
    constexpr std::string_view kSums =
        "SELECT struct_extract(s, 'sum'), isnan(struct_extract(s, 'rest')) FROM (SELECT "
        "attribute_id, atlas_exact_sum(double_sum, double_rest) AS s FROM store.hourly_current "
        "GROUP BY attribute_id) ORDER BY attribute_id";
    const std::string sums =
        "300|false\n1000000000000002048|false\n1729382256910270464000|false\n"
        "1.5000000000000002e+303|true\n";
    EXPECT_EQ(ask(kSums), sums);
    ASSERT_TRUE(store_->compact());
    EXPECT_EQ(ask("SELECT count(*) FROM store.open_hours"), "0\n");
    EXPECT_EQ(ask(kSums), sums);
}

TEST_F(DuckStoreTest, RowsOfSmallTablesAreReplacedByKeyAndRemoved) {
    apply(with_names(1));
    Batch batch = batch_of({}, 2);
    using stream::Table;
    batch.dimensions = {row(Table::tenants, {"1", "acme 2", "1700000000000000", "false"}),
                        row(Table::tenants, {"2", "beta", "1700000000000000", "true"}),
                        {.table = Table::entities, .removed = true, .cells = {"7"}}};
    apply(batch);
    EXPECT_EQ(ask("SELECT tenant_id, tenant_name, is_active FROM dim_tenants ORDER BY 1"),
              "1|acme 2|false\n2|beta|true\n");
    EXPECT_EQ(ask("SELECT count(*) FROM dim_entities"), "0\n");
    EXPECT_EQ(ask("SELECT count(*) FROM dim_attributes WHERE unit = 'bar'"), "7\n");
    batch = batch_of({}, 3);
    batch.truncated = {Table::tenants};
    apply(batch);
    EXPECT_EQ(ask("SELECT count(*) FROM dim_tenants"), "0\n");
}

// A retype: id 1 (string) is read as int 8, which newer points have.
TEST_F(DuckStoreTest, SupersededValuesAreReadAsThePresentType) {
    using stream::Table;
    Batch batch = batch_of({{1, 7, 1, kNoon, std::string("42")},
                            {1, 7, 1, kNoon + 1, std::string("n/a")},
                            {1, 7, 1, kNoon + 2, std::string("43")},
                            {1, 7, 8, kNoon + 2, std::int64_t{44}},
                            {1, 7, 1, kNoon + 3, std::monostate{}},
                            {1, 7, 9, kNoon, std::string("dropped")}},
                           1);
    batch.dimensions = {
        row(Table::attributes, {"1", "level", "x", "false", "0", "int", std::nullopt}),
        row(Table::tenant_attributes,
            {"1", "1", "1", "string", "false", std::nullopt, std::nullopt, std::nullopt, "0",
             "superseded", std::nullopt, "[8]", "int"}),
        row(Table::tenant_attributes,
            {"1", "8", "1", "int", "false", std::nullopt, std::nullopt, std::nullopt, "0", "active",
             "1", std::nullopt, std::nullopt}),
        row(Table::tenant_attributes,
            {"1", "9", "9", "string", "false", std::nullopt, std::nullopt, std::nullopt, "0",
             "dropped", std::nullopt, "[]", "string"})};
    apply(batch);
    EXPECT_EQ(ask("SELECT attribute_id, attribute_name, value_int, value, observed_at "
                  "FROM fact_telemetry ORDER BY observed_at"),
              "1|level|42|42|2025-11-30T12:00:00.000000Z\n"
              "1|level|44|44|2025-11-30T12:00:00.000002Z\n"
              "1|level|null|null|2025-11-30T12:00:00.000003Z\n");
    EXPECT_EQ(ask("SELECT attribute_id, value_count, sum_value, max_value "
                  "FROM agg_daily_entity_stats"),
              "1|2|86|44\n");
    EXPECT_EQ(ask("SELECT attribute_id, type FROM dim_attributes"), "1|int\n");
}

TEST_F(DuckStoreTest, ABatchThatFailsLeavesNothing) {
    know_one_attribute();
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 1));
    Batch batch = batch_of({{.at = kNoon + 1, .value = std::int64_t{2}}}, 2);
    batch.dimensions = {row(stream::Table::tenants, {"not a number", "x", "0", "true"})};
    EXPECT_FALSE(store_->apply(batch));
    EXPECT_EQ(store_->state()->until->lsn.value, 1U);
    EXPECT_EQ(ask("SELECT count(*) FROM fact_telemetry"), "1\n");
    apply(batch_of({{.at = kNoon + 1, .value = std::int64_t{2}}}, 3));
    EXPECT_EQ(store_->state()->until->lsn.value, 3U);
    EXPECT_EQ(ask("SELECT sum(value_int) FROM fact_telemetry"), "3\n");
}

TEST_F(DuckStoreTest, ClearLeavesAnEmptyStore) {
    Batch batch = with_names(1);
    batch.notes = {{"copy", "x"}};
    test::add(batch.points, {.at = kNoon, .value = std::int64_t{1}});
    apply(batch);
    ASSERT_TRUE(store_->compact());
    ASSERT_TRUE(store_->clear());
    EXPECT_FALSE(store_->state()->until);
    EXPECT_TRUE(store_->state()->notes.empty());
    for (const char* name : {"points", "hourly", "open_hours", "tenants", "attributes", "entities",
                             "entity_jsonb", "tenant_attributes", "notes"}) {
        EXPECT_EQ(ask(fmt::format("SELECT count(*) FROM store.{}", name)), "0\n") << name;
    }
    apply(batch_of({{.at = kNoon, .value = std::int64_t{5}}}, 9));
    EXPECT_EQ(ask("SELECT sum(ints) FROM store.hourly_current"), "1\n");
}

TEST_F(DuckStoreTest, ClosedDaysSettleAndClosedHoursAggregate) {
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}},
                    {.at = to_micros(clock_.system()), .value = std::int64_t{2}}},
                   1));
    ASSERT_TRUE(store_->compact());
    EXPECT_EQ(ask("SELECT count(*) FROM store.settled"), "1\n");
    EXPECT_EQ(ask("SELECT count(*) FROM store.recent"), "1\n");
    EXPECT_EQ(ask("SELECT count(*) FROM store.hourly"), "1\n");
    EXPECT_EQ(ask("SELECT count(*) FROM store.open_hours"), "1\n");
    EXPECT_EQ(ask("SELECT sum(int_sum) FROM store.hourly_current"), "3\n");
}

// Aggregates of a point or two would be larger than the points.
TEST_F(DuckStoreTest, SparseHoursStayAsTheirPoints) {
    min_points_ = 4;
    open();
    Batch batch = batch_of({{1, 1, 1, kNoon, std::int64_t{1}}}, 1);
    for (std::int64_t i = 0; i < 4; ++i) {
        test::add(batch.points, {2, 1, 1, kNoon + i, std::int64_t{10}});
    }
    apply(batch);
    ASSERT_TRUE(store_->compact());
    EXPECT_EQ(ask("SELECT tenant_id, int_sum FROM store.hourly"), "2|40\n");
    EXPECT_EQ(ask("SELECT tenant_id, generation FROM store.open_hours"), "1|-1\n");
    constexpr std::string_view kSums =
        "SELECT tenant_id, int_sum FROM store.hourly_current ORDER BY tenant_id";
    EXPECT_EQ(ask(kSums), "1|1\n2|40\n");
    open();
    apply(batch_of({{1, 1, 1, kNoon + 5, std::int64_t{2}}}, 2));
    EXPECT_EQ(ask(kSums), "1|3\n2|40\n");
    apply(batch_of({{1, 1, 1, kNoon + 6, std::int64_t{3}}, {1, 1, 1, kNoon + 7, std::int64_t{4}}},
                   3));
    ASSERT_TRUE(store_->compact());
    EXPECT_EQ(ask("SELECT count(*) FROM store.open_hours"), "0\n");
    EXPECT_EQ(ask(kSums), "1|10\n2|40\n");
}

// One run of a few small days.
TEST_F(DuckStoreTest, SmallDaysSettleTogether) {
    for (std::int64_t day = 0; day < 5; ++day) {
        apply(batch_of({{.at = kNoon + day * kDayMicros, .value = day}},
                       static_cast<std::uint64_t>(day) + 1));
    }
    const auto points = store_->settle_days();
    ASSERT_TRUE(points);
    EXPECT_EQ(*points, 5);
    EXPECT_EQ(ask("SELECT count(*), count(DISTINCT day) FROM store.settled"), "5|5\n");
}

// Goal: instants and arrivals are exact to the microsecond wherever their points lie, and those
// points are found: by a range, by key, by day.
TEST_F(DuckStoreTest, ManyDaysOfFewPointsSettleApart) {
    constexpr std::int64_t kDays = 9;
    constexpr std::array<std::int64_t, 9> kDelays{0,
                                                  1,
                                                  999,
                                                  -1,
                                                  -1'000'001,
                                                  kHourMicros,
                                                  kHourMicros + 1,
                                                  -kHourMicros - 1,
                                                  3 * 365 * kDayMicros + 7};
    const auto at = [](std::int64_t day) { return -4 * kDayMicros + day * (kDayMicros + 999'999); };
    Batch batch = batch_of({}, 1);
    for (std::int64_t day = 0; day < kDays; ++day) {
        for (const std::int64_t entity : {1, 2, 3}) {
            test::add(batch.points, {.entity = entity, .at = at(day), .value = day});
            const std::size_t delay = static_cast<std::size_t>(day + entity) % kDelays.size();
            batch.points.received_at.back() = at(day) + kDelays[delay];
        }
    }
    apply(batch);
    constexpr std::string_view kAll =
        "SELECT entity_id, CAST(day AS VARCHAR), epoch_us(observed_at), epoch_us(received_at), "
        "int_value FROM store.points ORDER BY ALL";
    const std::string loose = ask(kAll);
    EXPECT_EQ(std::ranges::count(loose, '\n'), 27);
    ASSERT_EQ(store_->settle_days().value(), 27);
    EXPECT_EQ(ask("SELECT count(*) FROM store.sparse"), "27\n");
    EXPECT_EQ(ask(kAll), loose);

    Batch second = batch_of({{.entity = 1, .at = at(2), .value = std::int64_t{77}}}, 2);
    second.removed = {{1, 1, at(2)}, {1, 2, at(3)}, {1, 2, at(3) + 1}};
    second.cleared = {{at(8), at(8) + 1}, {at(7) - 1, at(7)}};
    apply(second);
    EXPECT_EQ(ask("SELECT entity_id, sum(int_value), count(*) FROM store.points GROUP BY 1 "
                  "ORDER BY 1"),
              "1|103|8\n2|25|7\n3|28|8\n");
    ASSERT_TRUE(store_->forget_before(day_of(time_from_micros(at(1)))));
    EXPECT_EQ(ask("SELECT count(*), min(int_value) FROM store.points"), "20|1\n");
}

// As settled points are. Only SQL writes an infinite instant.
TEST_F(DuckStoreTest, SettledArrivalsAreExact) {
    Batch batch = batch_of({}, 1);
    for (const std::int64_t delay : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'234'567},
                                     kHourMicros + 1, 400 * kDayMicros + 3}) {
        test::add(batch.points, {.entity = delay, .at = kNoon - 1, .value = std::int64_t{1}});
        batch.points.received_at.back() = kNoon - 1 + delay;
    }
    for (const std::int64_t at : {-INT64_MAX, INT64_MAX}) {
        test::add(batch.points, {.value = std::int64_t{1}});
        batch.points.observed_at.back() = at;
    }
    apply(batch);
    constexpr std::string_view kAll =
        "SELECT entity_id, day, observed_at, epoch_us(received_at) FROM store.points ORDER BY ALL";
    const std::string loose = ask(kAll);
    // The day of infinity is never over.
    ASSERT_EQ(store_->settle_days().value(), 6);
    EXPECT_EQ(ask("SELECT count(*) FROM store.settled"), "6\n");
    EXPECT_EQ(ask(kAll), loose);
}

TEST_F(DuckStoreTest, RetentionForgetsWholeDays) {
    know_one_attribute();
    constexpr std::int64_t kDay = 86'400'000'000;
    apply(batch_of(
        {{.at = kNoon, .value = std::int64_t{1}}, {.at = kNoon + kDay, .value = std::int64_t{2}}},
        1));
    ASSERT_TRUE(store_->compact());
    ASSERT_TRUE(store_->forget_before(day_of(time_from_micros(kNoon + kDay))));
    EXPECT_EQ(ask("SELECT sum(value_int) FROM fact_telemetry"), "2\n");
    EXPECT_EQ(ask("SELECT sum(int_sum) FROM store.hourly_current"), "2\n");
    EXPECT_EQ(store_->state()->until->lsn.value, 1U);
}

TEST_F(DuckStoreTest, AFileThatIsNoStoreIsSetAsideAndReplaced) {
    const auto file = path();
    store_.reset();
    std::ofstream(file) << std::string(100'000, 'x');
    open();
    EXPECT_FALSE(store_->state()->until);
    EXPECT_TRUE(std::filesystem::exists(file.string() + ".damaged"));
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 1));
}

TEST_F(DuckStoreTest, AFileThatWasCutIsReplaced) {
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 1));
    const auto file = path();
    ASSERT_TRUE(store_->checkpoint());
    store_.reset();
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    open();
    EXPECT_FALSE(store_->state()->until);
    EXPECT_TRUE(std::filesystem::exists(file.string() + ".damaged"));
}

TEST_F(DuckStoreTest, TablesOfAnotherVersionAreReplaced) {
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 1));
    {
        auto connection = store_->connect();
        ASSERT_TRUE(connection->execute("UPDATE store.position SET version = 77"));
    }
    open();
    EXPECT_FALSE(store_->state()->until);
}

// A block whose checksum is wrong is found when the file is opened, or by the question that reads
// it; each block in turn.
TEST_F(DuckStoreTest, ADamagedBlockReplacesTheStore) {
    Batch batch = batch_of({}, 1);
    for (std::int64_t i = 0; i < 200'000; ++i) {
        test::add(batch.points, {1, i % 100, 1, kNoon + i, std::sin(i)});
    }
    apply(batch);
    ASSERT_TRUE(store_->checkpoint());
    const auto file = path();
    const auto whole = folder_.path() / "whole";
    store_.reset();
    std::filesystem::copy_file(file, whole);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
    int by_opening = 0;
    int by_question = 0;
    for (std::streamoff block = 3 * 4096; block < size; block += 2 * 256 * 1024) {
        store_.reset();
        std::filesystem::remove(file.string() + ".wal");
        std::filesystem::copy_file(whole, file, std::filesystem::copy_options::overwrite_existing);
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(block + 1000);
        bytes.write("damage", 6);
        bytes.close();
        open();
        if (!store_->state()->until) {
            ++by_opening;
            continue;
        }
        StoreError error;
        {
            auto connection = store_->connect().value();
            auto rows = connection.query("SELECT sum(hash(p)) FROM store.points p");
            auto read = rows ? rows->finish() : failure(rows.error());
            if (read) continue;  // a block that is not in use
            error = read.error();
        }
        EXPECT_EQ(error.kind, StoreError::Kind::damaged) << error.message;
        store_->suspect(error);
        EXPECT_FALSE(store_->state()->until);
        ++by_question;
    }
    EXPECT_GT(by_opening, 0);
    EXPECT_GT(by_question, 0);
    EXPECT_TRUE(std::filesystem::exists(file.string() + ".damaged"));
}

TEST_F(DuckStoreTest, DamageFoundByAQuestionReplacesTheStoreAndTheLoaderHears) {
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 1));
    store_->suspect({.kind = StoreError::Kind::damaged, .message = "a checksum is wrong"});
    EXPECT_EQ(store_->connect().error().kind, StoreError::Kind::unavailable);
    const auto applied = store_->apply(batch_of({}, 2));
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().kind, StoreError::Kind::damaged) << applied.error().message;
    EXPECT_FALSE(store_->state()->until);
    EXPECT_EQ(store_->apply(batch_of({}, 3)).error().kind, StoreError::Kind::damaged);
    ASSERT_TRUE(store_->clear());
    apply(batch_of({}, 4));
}

// Goal: one process never has the file open twice, however often batches come meanwhile.
TEST_F(DuckStoreTest, AFileThatAQuestionReadsIsNotOpenedAgain) {
    closing_patience_ = std::chrono::milliseconds{1};
    open();
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 1));
    {
        const auto question = store_->connect();
        ASSERT_TRUE(question);
        store_->suspect({.kind = StoreError::Kind::damaged, .message = "a checksum is wrong"});
        for (int attempt = 0; attempt < 3; ++attempt) {
            const auto applied = store_->apply(batch_of({}, 2));
            ASSERT_FALSE(applied);
            EXPECT_EQ(applied.error().kind, StoreError::Kind::unavailable);
        }
        EXPECT_FALSE(std::filesystem::exists(path().string() + ".damaged"));
    }
    EXPECT_EQ(store_->apply(batch_of({}, 2)).error().kind, StoreError::Kind::damaged);
    EXPECT_TRUE(std::filesystem::exists(path().string() + ".damaged"));
}

TEST_F(DuckStoreTest, UpkeepRunsByItself) {
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 1));
    store_->start();
    while (ask("SELECT count(*) FROM store.hourly") != "1\n") std::this_thread::yield();
    while (ask("SELECT count(*) FROM store.settled") != "1\n") std::this_thread::yield();
    store_->stop();
}

TEST_F(DuckStoreTest, NobodyElseReadsIt) {
    StoreOptions options;
    options.path = folder_.path() / "new" / "analytics.duckdb";
    const auto opened = DuckStore::open(options, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(std::filesystem::status(folder_.path() / "new").permissions(),
              std::filesystem::perms::owner_all);
}

// Goal: a store that cannot be opened now says why and what to do, and works as soon as it can.
TEST_F(DuckStoreTest, AStoreThatCannotBeOpenedIsTriedAgain) {
    know_one_attribute();
    apply(batch_of({{.at = kNoon, .value = std::int64_t{1}}}, 7));
    const auto folder = path().parent_path();
    store_.reset();
    const auto aside = folder_.path() / "aside";
    std::filesystem::rename(folder, aside);
    std::ofstream(folder) << "in its way";
    const StoreOptions options{.path = folder / "analytics.duckdb"};
    EXPECT_FALSE(DuckStore::open(options, clock_));
    store_ = DuckStore::open_later(options, clock_);
    const auto state = store_->state();
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().kind, StoreError::Kind::unavailable);
    EXPECT_TRUE(state.error().message.starts_with(folder.string() + " cannot be used"))
        << state.error().message;
    EXPECT_EQ(store_->connect().error().kind, StoreError::Kind::unavailable);
    std::filesystem::remove(folder);
    std::filesystem::rename(aside, folder);
    EXPECT_EQ(store_->state().value().until->lsn.value, 7U);
    EXPECT_TRUE(store_->connect());
    apply(batch_of({{.at = kNoon + 1, .value = std::int64_t{2}}}, 8));
    EXPECT_EQ(ask("SELECT count(*) FROM fact_telemetry"), "2\n");
}

// A full disk or a missing right is no damage, whatever DuckDB was doing: the file is kept.
TEST(StoreError, WantOfRoomIsNoDamage) {
    const std::filesystem::path path = "/srv/analytics/atlas.duckdb";
    const auto error = [](const char* message) { return make_open_error(message); };
    for (const char* words : {"No space left on device", "Permission denied"}) {
        const auto found = error(
            fmt::format("IO Error: Failure while replaying WAL file \"x.wal\": {}", words).c_str());
        EXPECT_EQ(found.kind, StoreError::Kind::unavailable) << words;
    }
    EXPECT_EQ(error("IO Error: Failure while replaying WAL file \"x.wal\": bad checksum").kind,
              StoreError::Kind::damaged);
    EXPECT_EQ(
        explained(error("IO Error: Could not write: No space left on device\nmore"), path).message,
        "the disk of /srv/analytics is full; make room there (IO Error: Could not write: No "
        "space left on device)");
    EXPECT_EQ(
        explained(error("IO Error: Could not set lock on file \"x\": it is held"), path).message,
        "another process has /srv/analytics/atlas.duckdb open; end it, or name another folder "
        "with analytics.folder (IO Error: Could not set lock on file \"x\": it is held)");
    const StoreError invalid{.kind = StoreError::Kind::invalid, .message = "no such column"};
    EXPECT_EQ(explained(invalid, path).message, "no such column");
}

}  // namespace
}  // namespace atlas::analytics::duckdb
