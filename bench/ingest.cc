// SPDX-License-Identifier: Apache-2.0
//
// Telemetry in over HTTP to committed, in several mixes. The load generator shares the cores.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "bench/load.h"
#include "bench/population.h"
#include "bench/yardstick.h"

namespace atlas::bench {
namespace {

void check_history(pg::Connection& database, std::uint64_t expected, Report& report) {
    const auto stored = must(database.exec("SELECT count(*) FROM observations")).int8(0, 0);
    if (stored != static_cast<std::int64_t>(expected)) {
        report.wrong(fmt::format("{} observations acknowledged, {} stored", expected, stored));
    }
    const auto diverging =
        must(database.exec(
                 "SELECT count(*) FROM (SELECT * FROM entity_jsonb TABLESAMPLE SYSTEM (1) "
                 "              WHERE last_day IS NOT NULL LIMIT 500) j "
                 "CROSS JOIN LATERAL jsonb_each_text(j.hot_attrs) AS h (name, value) "
                 "JOIN attributes a ON a.attribute_name = h.name "
                 "CROSS JOIN LATERAL (SELECT v.value FROM entity_values_ts v "
                 "    WHERE v.tenant_id = j.tenant_id AND v.entity_id = j.entity_id "
                 "      AND v.attribute_id = a.attribute_id "
                 "      AND v.ingested_at >= j.last_day AND v.ingested_at < j.last_day + 1 "
                 "    ORDER BY v.ingested_at DESC LIMIT 1) l "
                 "WHERE l.value <> h.value"))
            .int8(0, 0);
    if (diverging > 0) report.wrong(fmt::format("{} hot values differ from history", diverging));
}

void describe(Report& report, LoadResult& load) {
    report.note(
        fmt::format("{:.0f} points/s over {:.0f} s, {} observations, {} repeated after "
                    "429/503, request p50 {:.0f} ms, p99 {:.0f} ms",
                    load.points_per_second(), load.seconds, load.observations, load.retried,
                    percentile(load.latency_ms, 0.5), percentile(load.latency_ms, 0.99)));
    const auto& by_second = load.points_by_second;
    const std::size_t third = by_second.size() / 3;
    if (third >= 3) {
        std::vector<double> first(by_second.begin() + 1,
                                  by_second.begin() + 1 + static_cast<std::ptrdiff_t>(third));
        std::vector<double> last(by_second.end() - 1 - static_cast<std::ptrdiff_t>(third),
                                 by_second.end() - 1);
        report.note(fmt::format("median second of the first third {:.0f}, of the last {:.0f}",
                                percentile(first, 0.5), percentile(last, 0.5)));
    }
    if (load.failed > 0) report.wrong(fmt::format("{} requests or points refused", load.failed));
}

// Bytes of log and of history since a moment.
class CostMeter {
public:
    explicit CostMeter(pg::Connection& database)
        : database_(database), log_(log_position(database)), disk_(history_bytes(database)) {}

    double log_bytes() { return static_cast<double>(log_position(database_) - log_); }
    double disk_bytes() { return static_cast<double>(history_bytes(database_) - disk_); }

private:
    pg::Connection& database_;
    std::int64_t log_;
    std::int64_t disk_;
};

void describe_costs(Report& report, CostMeter& costs, const LoadResult& load) {
    const auto points = static_cast<double>(load.points);
    report.note(fmt::format("{:.1f} bytes of log and {:.1f} bytes on disk per point",
                            costs.log_bytes() / points, costs.disk_bytes() / points));
}

// A checkpoint, and the freezing of what it wrote, belong to the price.
void report_storage(Report& report, const Server& server, CostMeter& costs,
                    const LoadResult& load) {
    const auto points = static_cast<double>(load.points);
    pg::Connection database = server.database(true);
    must(database.exec_script("CHECKPOINT"));
    must(database.exec_script("VACUUM (FREEZE) observations"));
    report.metric({"disk_bytes_per_point", costs.disk_bytes() / points, 35, {}, {}});
    report.metric({"log_bytes_per_point", costs.log_bytes() / points, 50, {}, {}});
}

struct Mix {
    FleetShape shape{};
    double goal = 0;
    double usual_seconds = 60;
    bool against_copy = false;
    bool storage = false;
    std::function<std::function<void(Body&, std::minstd_rand&)>(Fleet&)> advance{};
};

void run_mix(const Settings& settings, Report& report, Mix mix) {
    Server server(settings);
    server.attach_partitions();
    Fleet fleet(scaled(mix.shape, settings), unix_ms_hours_ago(6));
    auto database = server.database();
    fleet.register_all(database);
    LoadOptions options;
    options.seconds = settings.seconds_or(mix.usual_seconds);
    if (mix.advance) options.advance = mix.advance(fleet);
    CostMeter costs(database);
    LoadResult load = run_load(server, fleet, options);
    describe(report, load);
    describe_costs(report, costs, load);
    std::uint64_t distinct = 0;
    for (const Body& body : fleet.bodies()) distinct += body.sent.size();
    check_history(database, distinct > 0 ? distinct : load.observations, report);
    if (mix.storage) return report_storage(report, server, costs, load);

    Metric metric{"points_per_second", load.points_per_second(), mix.goal, {}, {}};
    if (mix.against_copy) {
        metric.yardstick =
            copy_points_per_second(server, fleet, std::max(options.seconds / 4, 1.0), report);
        metric.ratio = metric.value / *metric.yardstick;
    }
    report.metric(metric);
    report.metric({"resident_mb", load.resident_mb(), 500, {}, {}});
}

void ingest_ndjson(const Settings& settings, Report& report) {
    run_mix(settings, report, {.goal = 500e3, .usual_seconds = 300, .against_copy = true});
}

void storage(const Settings& settings, Report& report) {
    run_mix(settings, report, {.storage = true});
}

void ingest_line(const Settings& settings, Report& report) {
    run_mix(settings, report, {.shape = {.line_protocol = true}, .goal = 500e3});
}

void ingest_single(const Settings& settings, Report& report) {
    run_mix(settings, report, {.shape = {.doubles = 1, .ints = 0, .strings = 0}, .goal = 100e3});
    report.note("one hot point:");
    run_mix(settings, report, {.shape = {.doubles = 0, .ints = 0, .strings = 1}, .goal = 100e3});
}

void ingest_hot(const Settings& settings, Report& report) {
    run_mix(settings, report,
            {.shape = {.doubles = 0, .ints = 0, .strings = 10, .change = 0.05}, .goal = 200e3});
}

void ingest_cold_cache(const Settings& settings, Report& report) {
    run_mix(settings, report, {.shape = {.entities = 20'000'000, .tenants = 1000}, .goal = 150e3});
}

// 20 % of the observations repeat an instant of their entity, 20 % are late by up to a day.
void ingest_dirty(const Settings& settings, Report& report) {
    Mix mix;
    mix.goal = 250e3;
    mix.advance = [](Fleet& fleet) {
        return [&fleet](Body& body, std::minstd_rand& random) {
            fleet.advance(body, random);
            for (std::size_t i = 0; i < body.times.size(); ++i) {
                std::int64_t at_ms = body.next_ms - 1000;
                const auto dice = random() % 10;
                if (dice < 2) at_ms -= 1000;
                if (dice == 2 || dice == 3) {
                    at_ms -= static_cast<std::int64_t>(random() % 86'400'000);
                }
                Fleet::set_time(body, i, at_ms);
                body.sent.insert(i << 48U | static_cast<std::uint64_t>(at_ms));
            }
        };
    };
    run_mix(settings, report, std::move(mix));
}

// Every observation is its entity's first: each request registers as many entities as it has lines.
void ingest_first_sight(const Settings& settings, Report& report) {
    Server server(settings);
    server.attach_partitions();
    Fleet fleet(scaled({}, settings), unix_ms_hours_ago(6));
    auto database = server.database();
    fleet.register_tenants(database);
    LoadResult load = run_load(server, fleet, {.seconds = settings.seconds_or(600), .once = true});
    describe(report, load);
    check_history(database, load.observations, report);
    const auto registered =
        must(database.exec("SELECT count(*) FROM entities e JOIN entity_jsonb j "
                           "USING (tenant_id, entity_id) WHERE j.last_day IS NOT NULL"))
            .int8(0, 0);
    if (registered != static_cast<std::int64_t>(load.observations)) {
        report.wrong(fmt::format("{} entities acknowledged, {} registered with their state",
                                 load.observations, registered));
    }
    report.metric(
        {"entities_per_second", static_cast<double>(load.observations) / load.seconds, {}, {}, {}});
    report.metric({"points_per_second", load.points_per_second(), {}, {}, {}});
    report.metric({"p99_ms", percentile(load.latency_ms, 0.99), {}, {}, {}});
}

// Small requests at a fixed pace: how long until the acknowledgement.
void ack_latency(const Settings& settings, Report& report) {
    Server server(settings);
    server.attach_partitions();
    Fleet fleet({.entities = settings.scaled(10'000, 200), .tenants = 10, .lines_per_body = 1},
                unix_ms_hours_ago(6));
    auto database = server.database();
    fleet.register_all(database);
    LoadResult load = run_load(
        server, fleet,
        {.seconds = settings.seconds_or(60), .connections = 16, .requests_per_second = 1000});
    describe(report, load);
    check_history(database, load.observations, report);
    report.metric({"p50_ms", percentile(load.latency_ms, 0.5), 3, {}, {}});
    report.metric({"p99_ms", percentile(load.latency_ms, 0.99), 20, {}, {}});
}

// Every shard's lock is held half of the time, in turns of 2.5 seconds.
void slow_down(pg::Connection& database, double seconds) {
    for (double spent = 0; spent < seconds - 5; spent += 5) {
        must(
            database.exec_script("BEGIN; SELECT pg_advisory_xact_lock(1635019891, s) FROM "
                                 "generate_series(0, 63) s; SELECT pg_sleep(2.5); COMMIT; "
                                 "SELECT pg_sleep(2.5)"));
    }
}

// Resident memory under full load, and while the database stalls again and again. What many
// entities take is a metric of ingest_cold_cache.
void memory(const Settings& settings, Report& report) {
    Server server(settings);
    server.attach_partitions();
    Fleet fleet(scaled({}, settings), unix_ms_hours_ago(6));
    auto database = server.database();
    fleet.register_all(database);
    const LoadOptions options{.seconds = settings.seconds_or(60), .connections = 32};
    for (const bool slow : {false, true}) {
        LoadResult load;
        std::thread sender([&] { load = run_load(server, fleet, options); });
        if (slow) slow_down(database, options.seconds);
        sender.join();
        describe(report, load);
        const std::string when = slow ? "slow_database" : "full_load";
        report.metric({"resident_mb_" + when, load.resident_mb(), 500, {}, {}});
        report.metric({"growth_mb_" + when, load.resident_growth_mb(), {}, {}, {}});
    }
}

}  // namespace

std::vector<Benchmark> ingest_benchmarks() {
    return {
        {"ingest_ndjson", "10 points per observation, 1 M entities, beside raw COPY",
         ingest_ndjson},
        {"ingest_line", "the same as line protocol", ingest_line},
        {"ingest_single", "one point per observation", ingest_single},
        {"ingest_dirty", "20 % duplicates, 20 % late by up to a day", ingest_dirty},
        {"ingest_hot", "10 hot attributes, 1 in 20 changed", ingest_hot},
        {"ingest_first_sight", "1 M new entities, one observation each", ingest_first_sight},
        {"ingest_cold_cache", "20 M entities, uniformly", ingest_cold_cache},
        {"ack_latency", "10 K points/s in small requests", ack_latency},
        {"storage", "bytes on disk and of log per point, a checkpoint and freezing included",
         storage},
        {"memory", "resident memory under full load, and with a slow database", memory},
    };
}

}  // namespace atlas::bench
