// SPDX-License-Identifier: Apache-2.0
//
// What the store costs: points per second of apply(), bytes per point after compaction, and the
// question that the page asks most, over a store of the number of points in the name.
//
//     build/release/atlas_analytics_bench --benchmark_filter=/1000000
//
// Points are those of a fleet: an observation each 260 s of each of 1,000 entities of four tenants
// has 6 doubles with two digits, 2 ints and 2 words. Counters: points per second, of the
// clock and of the processors, and bytes per point on disk, in use and of the file.
#include <benchmark/benchmark.h>

#include <cmath>
#include <ctime>
#include <map>
#include <random>

#include "analytics/duckdb/test_store.h"

namespace atlas::analytics::duckdb {
namespace {

constexpr std::int64_t kEntities = 1000;
constexpr std::int64_t kStep = 260'000'000;

class Fleet {
public:
    explicit Fleet(std::int64_t first) : at_(first), level_(kEntities * 6, 20.0) {}

    // One observation of each entity: 10,000 points.
    void observe(Points& points) {
        for (std::int64_t entity = 0; entity < kEntities; ++entity) {
            const std::int64_t at = at_ + entity * 1000 + jitter_(random_);
            const std::int64_t tenant = 1 + entity % 4;
            for (std::int32_t attribute = 1; attribute <= 10; ++attribute) {
                add(points, tenant, entity + 1, attribute, at);
            }
        }
        at_ += kStep;
    }

private:
    void add(Points& points, std::int64_t tenant, std::int64_t entity, std::int32_t attribute,
             std::int64_t at) {
        points.tenant.push_back(tenant);
        points.entity.push_back(entity);
        points.attribute.push_back(attribute);
        points.observed_at.push_back(at);
        points.received_at.push_back((at + 40'000 + jitter_(random_)) / 1000 * 1000);
        points.int_value.push_back(0);
        points.double_value.push_back(0);
        auto group = model::Group::doubles;
        if (attribute <= 6) {
            double& level = level_[static_cast<std::size_t>((entity - 1) * 6 + attribute - 1)];
            level += step_(random_);
            points.double_value.back() = std::round(level * 100) / 100;
        } else if (attribute <= 8) {
            group = model::Group::ints;
            points.int_value.back() = attribute * 100 + jitter_(random_) % 50;
        } else {
            group = model::Group::texts;
            points.text_bytes += jitter_(random_) % 20 == 0 ? "maintenance" : "online";
        }
        points.group.push_back(static_cast<std::uint8_t>(group));
        points.text.push_back(static_cast<std::uint32_t>(points.text_bytes.size()));
    }

    std::int64_t at_;
    std::vector<double> level_;
    std::mt19937 random_{1};
    std::uniform_int_distribution<std::int64_t> jitter_{0, 999};
    std::normal_distribution<double> step_{0, 0.1};
};

StoreOptions options(const std::filesystem::path& folder) {
    StoreOptions options{.path = folder / "analytics.duckdb"};
    options.database.memory_bytes = std::uint64_t{1} << 30;
    options.database.threads = 2;
    return options;
}

std::int64_t first_instant(const Clock& clock) {
    return floor_div(to_micros(clock.system()), kDayMicros) * kDayMicros - 31 * kDayMicros;
}

void apply_or_throw(DuckStore& store, const Batch& batch) {
    if (auto done = store.apply(batch); !done) throw std::runtime_error(done.error().message);
}

// Of all threads.
double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// Batches of that many points.
void apply(benchmark::State& state) {
    const SystemClock clock;
    const test::TempFolder folder;
    auto store = DuckStore::open(options(folder.path()), clock).value();
    Fleet fleet(first_instant(clock));
    std::int64_t points = 0;
    std::uint64_t lsn = 0;
    double cpu = 0;
    for (auto _ : state) {
        state.PauseTiming();
        Batch batch = test::batch_of({}, ++lsn);
        while (static_cast<std::int64_t>(batch.points.size()) < state.range(0)) {
            fleet.observe(batch.points);
        }
        state.ResumeTiming();
        const double before = cpu_seconds();
        apply_or_throw(*store, batch);
        cpu += cpu_seconds() - before;
        points += static_cast<std::int64_t>(batch.points.size());
    }
    state.counters["points_per_s"] =
        benchmark::Counter(static_cast<double>(points), benchmark::Counter::kIsRate);
    state.counters["points_per_cpu_s"] = static_cast<double>(points) / cpu;
    auto connection = store->connect().value();
    auto stored = connection.query("SELECT count(*) FROM store.points").value().one_integer();
    if (stored.value() != points) state.SkipWithError("points are missing");
}
BENCHMARK(apply)
    ->Arg(10'000)
    ->Arg(200'000)
    ->Arg(1'000'000)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// Batches of 10,000 points while so many older ones are settled and aggregated: what one waits for.
void apply_beside_upkeep(benchmark::State& state) {
    const SystemClock clock;
    for (auto _ : state) {
        const test::TempFolder folder;
        auto store = DuckStore::open(options(folder.path()), clock).value();
        Fleet old(first_instant(clock));
        std::uint64_t lsn = 0;
        for (std::int64_t points = 0; points < state.range(0);) {
            Batch batch = test::batch_of({}, ++lsn);
            while (batch.points.size() < 500'000) old.observe(batch.points);
            points += static_cast<std::int64_t>(batch.points.size());
            apply_or_throw(*store, batch);
        }
        Fleet recent(to_micros(clock.system()));
        std::atomic<bool> done{false};
        std::jthread upkeep([&] {
            if (auto compacted = store->compact(); !compacted) {
                state.SkipWithError(compacted.error().message.c_str());
            }
            done = true;
        });
        std::vector<double> seconds;
        while (!done) {
            Batch batch = test::batch_of({}, ++lsn);
            recent.observe(batch.points);
            const auto began = std::chrono::steady_clock::now();
            apply_or_throw(*store, batch);
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
            seconds.push_back(took.count());
        }
        std::ranges::sort(seconds);
        state.counters["batches"] = static_cast<double>(seconds.size());
        state.counters["p50_s"] = seconds[seconds.size() / 2];
        state.counters["p95_s"] = seconds[seconds.size() * 95 / 100];
        state.counters["max_s"] = seconds.back();
    }
}
BENCHMARK(apply_beside_upkeep)->Arg(5'000'000)->Iterations(1)->Unit(benchmark::kSecond);

// A compacted store of that many points; made once, used by every question. It is never closed: in
// exit handlers DuckDB can't be (connection.h).
struct Filled {
    SystemClock clock;
    test::TempFolder folder;
    std::unique_ptr<DuckStore> store;
    std::int64_t points = 0;
    double apply_seconds = 0;  // of the processors
    double compact_seconds = 0;

    explicit Filled(std::int64_t count) {
        store = DuckStore::open(options(folder.path()), clock).value();
        Batch names = test::batch_of({}, 0);
        for (const std::int64_t tenant : {1, 2, 3, 4}) {
            test::add_attributes(names, tenant,
                                 {"double", "double", "double", "double", "double", "double", "int",
                                  "int", "string", "string"});
        }
        apply_or_throw(*store, names);
        Fleet fleet(first_instant(clock));
        for (std::uint64_t lsn = 1; points < count; ++lsn) {
            Batch batch = test::batch_of({}, lsn);
            while (batch.points.size() < 500'000 &&
                   points + static_cast<std::int64_t>(batch.points.size()) < count) {
                fleet.observe(batch.points);
            }
            const double began = cpu_seconds();
            apply_or_throw(*store, batch);
            apply_seconds += cpu_seconds() - began;
            points += static_cast<std::int64_t>(batch.points.size());
        }
        const double began = cpu_seconds();
        if (auto done = store->compact(); !done) throw std::runtime_error(done.error().message);
        if (auto done = store->checkpoint(); !done) throw std::runtime_error(done.error().message);
        compact_seconds = cpu_seconds() - began;
    }
    static Filled& of(std::int64_t count) {
        static auto& stores = *new std::map<std::int64_t, Filled*>;
        static const int registered = std::atexit([] {
            for (const auto& [size, filled] : stores) {
                std::filesystem::remove_all(filled->folder.path());
            }
        });
        Filled*& store = stores[count];
        if (store == nullptr && registered == 0) store = new Filled(count);
        return *store;
    }
};

// Without the free blocks that settling leaves: the next batches fill them.
std::int64_t used_bytes(Connection& connection) {
    auto rows = connection.query(
        "SELECT CAST(block_size * used_blocks AS BIGINT) FROM pragma_database_size() "
        "WHERE database_name = current_database()");
    if (!rows) throw std::runtime_error(rows.error().message);
    return rows->one_integer().value().value();
}

void ask(benchmark::State& state, std::string_view sql) {
    Filled& filled = Filled::of(state.range(0));
    auto connection = filled.store->connect().value();
    std::int64_t rows = 0;
    for (auto _ : state) {
        rows = 0;
        auto result = connection.query(sql);
        if (!result) throw std::runtime_error(result.error().message);
        while (auto chunk = result->next().value())
            rows += static_cast<std::int64_t>(chunk->rows());
    }
    if (rows == 0) state.SkipWithError("the question finds nothing");
    const auto points = static_cast<double>(filled.points);
    state.counters["rows"] = static_cast<double>(rows);
    state.counters["bytes_per_point"] = static_cast<double>(used_bytes(connection)) / points;
    state.counters["file_bytes_per_point"] =
        static_cast<double>(filled.store->storage_bytes()) / points;
    state.counters["apply_points_per_cpu_s"] = points / filled.apply_seconds;
    state.counters["compact_points_per_cpu_s"] = points / filled.compact_seconds;
}

void hourly_average_of_points(benchmark::State& state) {
    ask(state,
        "SELECT store.hour_of(observed_at) AS hour, avg(double_value), count(*) FROM store.points "
        "WHERE tenant_id = 2 AND attribute_id = 3 GROUP BY hour ORDER BY hour");
}
void hourly_average_of_rollups(benchmark::State& state) {
    ask(state,
        "SELECT hour, struct_extract(atlas_exact_sum(double_sum, double_rest), 'sum') / "
        "sum(doubles) FROM store.hourly_current "
        "WHERE tenant_id = 2 AND attribute_id = 3 GROUP BY hour ORDER BY hour");
}
void hourly_average_of_facts(benchmark::State& state) {
    ask(state,
        "SELECT date_trunc('hour', ingested_at) AS hour, avg(value_double) FROM fact_telemetry "
        "WHERE tenant_id = 2 AND attribute_id = 3 GROUP BY hour ORDER BY hour");
}
void everything_per_attribute(benchmark::State& state) {
    ask(state,
        "SELECT attribute_id, avg(double_value), median(double_value), "
        "quantile_cont(double_value, 0.95) FROM store.points WHERE tenant_id = 2 "
        "GROUP BY attribute_id ORDER BY attribute_id");
}
void daily_statistics(benchmark::State& state) {
    ask(state,
        "SELECT stat_date, sum(value_count), avg(avg_value) FROM agg_daily_entity_stats "
        "WHERE tenant_id = 2 AND attribute_id = 3 GROUP BY stat_date ORDER BY stat_date");
}

constexpr std::int64_t kSmall = 1'000'000;
constexpr std::int64_t kLarge = 100'000'000;
BENCHMARK(hourly_average_of_points)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMillisecond);
BENCHMARK(hourly_average_of_rollups)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMillisecond);
BENCHMARK(hourly_average_of_facts)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMillisecond);
BENCHMARK(everything_per_attribute)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMillisecond);
BENCHMARK(daily_statistics)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace atlas::analytics::duckdb
