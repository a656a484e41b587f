// SPDX-License-Identifier: Apache-2.0
//
// Goal: points, hourly aggregates and daily statistics are those of a naive computation, at every
// moment: under late data, corrections, nulls, deletes, cleared ranges and failed batches, whatever
// upkeep has done by then.
// Method: random batches against a map of points; after each few, everything is compared.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "analytics/duckdb/test_store.h"

namespace atlas::analytics::duckdb {
namespace {

using test::TestPoint;
using test::TestValue;

constexpr std::int64_t kHour = 3'600'000'000;
constexpr unsigned kSparse = 3;  // a seed

struct Key {
    std::int64_t tenant;
    std::int64_t entity;
    std::int64_t at;
    std::int32_t attribute;
    auto operator<=>(const Key&) const = default;
};

class Model {
public:
    std::map<Key, TestValue> points;

    void remove(const ObservationKey& key) {
        const auto from = points.lower_bound({key.tenant, key.entity, key.observed_at, INT32_MIN});
        const auto to = points.upper_bound({key.tenant, key.entity, key.observed_at, INT32_MAX});
        points.erase(from, to);
    }
    void clear(TimeRange range) {
        std::erase_if(points, [&](const auto& point) {
            return point.first.at >= range.from && point.first.at < range.until;
        });
    }
    std::string all() const {
        std::string out;
        for (const auto& [key, value] : points) {
            out += fmt::format("{}|{}|{}|{}|{}\n", key.tenant, key.entity, key.at, key.attribute,
                               text(value));
        }
        return out;
    }
    // Per (tenant, attribute, entity, unit of time): count, ints, sum, least, greatest, doubles,
    // sum, first and last int.
    std::string aggregates(std::int64_t unit) const {
        struct Sums {
            std::int64_t count = 0, ints = 0, sum = 0, least = INT64_MAX, most = INT64_MIN;
            std::int64_t doubles = 0, first = 0, last = 0;
            double real = 0;
        };
        std::map<std::array<std::int64_t, 4>, Sums> found;
        for (const auto& [key, value] : points) {  // in the order of time for each entity
            if (std::holds_alternative<std::monostate>(value)) continue;
            Sums& sums = found[{key.tenant, key.attribute, key.entity, floor_div(key.at, unit)}];
            ++sums.count;
            if (const auto* number = std::get_if<std::int64_t>(&value)) {
                if (sums.ints++ == 0) sums.first = *number;
                sums.last = *number;
                sums.sum += *number;
                sums.least = std::min(sums.least, *number);
                sums.most = std::max(sums.most, *number);
            } else if (const auto* real = std::get_if<double>(&value)) {
                ++sums.doubles;
                sums.real += *real;
            }
        }
        std::string out;
        for (const auto& [key, sums] : found) {
            out += fmt::format("{}|{}|{}|{}|{}|{}|", key[0], key[1], key[2], key[3], sums.count,
                               sums.ints);
            out += sums.ints == 0 ? std::string("null|null|null|null|null|")
                                  : fmt::format("{}|{}|{}|{}|{}|", sums.sum, sums.least, sums.most,
                                                sums.first, sums.last);
            out += sums.doubles == 0 ? fmt::format("0|null\n")
                                     : fmt::format("{}|{}\n", sums.doubles, sums.real);
        }
        return out;
    }

private:
    static std::string text(const TestValue& value) {
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            return fmt::format("{}|null|null", *number);
        }
        if (const auto* real = std::get_if<double>(&value)) {
            return fmt::format("null|{}|null", *real);
        }
        if (const auto* words = std::get_if<std::string>(&value)) return "null|null|" + *words;
        return "null|null|null";
    }
};

constexpr std::string_view kPoints =
    "SELECT tenant_id, entity_id, epoch_us(observed_at), attribute_id, int_value, "
    "CAST(double_value AS BIGINT), text_value FROM store.points ORDER BY ALL";
// The doubles are whole numbers, so their sums are exact in any order.
constexpr std::string_view kHours =
    "SELECT tenant_id, attribute_id, entity_id, hour, count, ints, int_sum, int_min, int_max, "
    "first_int, last_int, doubles, CAST(double_sum AS BIGINT) "
    "FROM store.hourly_current ORDER BY 1, 2, 3, 4";
constexpr std::string_view kDays =
    "SELECT tenant_id, attribute_id, entity_id, epoch_us(CAST(stat_date AS TIMESTAMP)) // "
    "86400000000, value_count, CAST(sum_value AS BIGINT) FROM agg_daily_entity_stats "
    "ORDER BY 1, 2, 3, 4";

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    std::int64_t below(std::int64_t n) {
        return std::uniform_int_distribution<std::int64_t>(0, n - 1)(engine_);
    }
    bool chance(int percent) { return below(100) < percent; }

private:
    std::mt19937_64 engine_;
};

class StoreProperty : public testing::TestWithParam<unsigned> {
protected:
    void SetUp() override {
        auto opened = DuckStore::open({.path = folder_.path() / "analytics.duckdb",
                                       .min_settled_points = 1,
                                       .min_sparse_days = 8,
                                       .min_points_per_aggregate = GetParam()},
                                      clock_);
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = *std::move(opened);
        Batch batch = test::batch_of({}, ++lsn_);
        for (const std::int64_t tenant : {1, 2}) {
            test::add_attributes(batch, tenant, {"int", "double", "string"});
        }
        ASSERT_TRUE(store_->apply(batch));
    }
    // Of the last four days, or of so many that they are sparse; seldom now.
    std::int64_t instant() {
        const std::int64_t now = to_micros(clock_.system());
        return now - (random_.chance(20) ? random_.below(3) : random_.below(96) * spread_) * kHour -
               random_.below(20) * 100'000'000;
    }
    TestValue value(std::int32_t attribute) {
        if (random_.chance(10)) return std::monostate{};
        if (attribute == 3) return fmt::format("text {}", random_.below(1000));
        if (attribute == 2 && random_.chance(80)) {
            return static_cast<double>(random_.below(1000) + 1);
        }
        return random_.below(1000) + 1;
    }
    // Writes an observation as the loader does: one that exists is removed and comes whole.
    void observe(Batch& batch, std::map<ObservationKey, bool>& seen) {
        const ObservationKey key{1 + random_.below(2), 1 + random_.below(4), instant()};
        if (!seen.emplace(key, true).second) return;
        const auto known =
            model_.points.lower_bound({key.tenant, key.entity, key.observed_at, INT32_MIN});
        if (known != model_.points.end() && known->first.tenant == key.tenant &&
            known->first.entity == key.entity && known->first.at == key.observed_at) {
            batch.removed.push_back(key);
        }
        model_.remove(key);
        if (random_.chance(10)) return;  // a delete
        for (std::int32_t attribute = 1; attribute <= 3; ++attribute) {
            if (random_.chance(30)) continue;
            const TestPoint point{key.tenant, key.entity, attribute, key.observed_at,
                                  value(attribute)};
            test::add(batch.points, point);
            model_.points[{key.tenant, key.entity, key.observed_at, attribute}] = point.value;
        }
    }
    void step() {
        Batch batch = test::batch_of({}, ++lsn_);
        std::map<ObservationKey, bool> seen;
        if (random_.chance(5)) {
            const std::int64_t from = instant();
            batch.cleared.push_back({from, from + random_.below(30) * spread_ * kHour});
            model_.clear(batch.cleared.back());
        }
        // A deleted range is no existing observation any more, and observe() looks at the model.
        for (std::int64_t n = random_.below(40); n > 0; --n) observe(batch, seen);
        const auto done = store_->apply(batch);
        ASSERT_TRUE(done) << done.error().message;
    }
    void upkeep() {
        if (random_.chance(30)) ASSERT_TRUE(store_->aggregate_hours());
        if (random_.chance(15)) ASSERT_TRUE(store_->settle_days());
        if (random_.chance(5)) ASSERT_TRUE(store_->compact());
    }
    void compare() {
        EXPECT_EQ(test::all(*store_, kPoints), model_.all());
        EXPECT_EQ(test::all(*store_, kHours), model_.aggregates(kHour));
        EXPECT_EQ(test::all(*store_, kDays), days());
    }
    // What agg_daily_entity_stats says.
    std::string days() const {
        std::istringstream lines(model_.aggregates(24 * kHour));
        std::string out;
        for (std::string line; std::getline(lines, line);) {
            std::vector<std::string> cells;
            std::istringstream cut(line);
            for (std::string cell; std::getline(cut, cell, '|');) cells.push_back(cell);
            const auto number = [](const std::string& text) {
                return text == "null" ? 0 : std::stoll(text);
            };
            const bool any = cells[5] != "0" || cells[11] != "0";
            out +=
                fmt::format("{}|{}|{}|{}|{}|{}\n", cells[0], cells[1], cells[2], cells[3], cells[4],
                            any ? std::to_string(number(cells[6]) + number(cells[12])) : "null");
        }
        return out;
    }

    atlas::test::ManualClock clock_;
    test::TempFolder folder_;
    std::unique_ptr<DuckStore> store_;
    Model model_;
    Random random_{GetParam()};
    const std::int64_t spread_ = GetParam() == kSparse ? 3 : 1;
    std::uint64_t lsn_ = 0;
};

TEST_P(StoreProperty, EqualsANaiveComputation) {
    for (int round = 0; round < 60 && !HasFailure(); ++round) {
        step();
        upkeep();
        if (round % 6 == 5) compare();
    }
    ASSERT_TRUE(store_->compact());
    compare();
    EXPECT_GT(model_.points.size(), 500U);
}

// Upkeep beside batches, in a thread of its own.
TEST_P(StoreProperty, HoldsWhileUpkeepRuns) {
    std::atomic<bool> done{false};
    std::atomic<std::size_t> steps{0};
    std::jthread beside([&] {
        while (!done) {
            const auto hours = store_->aggregate_hours();
            EXPECT_TRUE(hours) << hours.error().message;
            const auto points = store_->settle_days();
            EXPECT_TRUE(points) << points.error().message;
            ++steps;
        }
    });
    for (int round = 0; round < 60 && !HasFailure(); ++round) step();
    while (steps < 3) std::this_thread::yield();
    done = true;
    beside.join();
    compare();
}

INSTANTIATE_TEST_SUITE_P(Seeds, StoreProperty, testing::Values(1U, 2U, kSparse));

}  // namespace
}  // namespace atlas::analytics::duckdb
