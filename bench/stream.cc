// SPDX-License-Identifier: Apache-2.0
//
// From a commit to the analytics store: how soon, how fast, and what it costs those who write.
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "bench/debezium.h"
#include "bench/follower.h"
#include "bench/load.h"
#include "bench/log_reader.h"
#include "bench/population.h"

namespace atlas::bench {
namespace {

using Clock = std::chrono::steady_clock;

Lsn end_of_log(pg::Connection& database) {
    const auto rows = must(database.exec("SELECT pg_current_wal_flush_lsn()"));
    return parse_lsn(rows.text(0, 0)).value();
}

std::int64_t count_points(Follower& follower) {
    auto connection = follower.store().connect();
    if (!connection) throw std::runtime_error(connection.error().message);
    auto rows = connection->query("SELECT count(*) FROM store.points");
    if (!rows) throw std::runtime_error(rows.error().message);
    return rows->one_integer().value().value_or(0);
}

// Ten data points a row, as the fleet of the ingest benchmarks has them. Rows are numbered.
void write_backlog(pg::Connection& database, std::int64_t rows, std::int64_t first = 0) {
    must(
        database.exec("INSERT INTO shapes (attrs) VALUES "
                      "('{901,902,903,904,905,906,907,908,909,910}') ON CONFLICT DO NOTHING"));
    must(database.exec("SELECT atlas_ensure_partitions(ARRAY[(now() AT TIME ZONE 'UTC')::date])"));
    constexpr std::int64_t kRowsAtOnce = 10'000;
    for (std::int64_t from = 0; from < rows; from += kRowsAtOnce) {
        must(database.exec(
            "INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, shape_id, "
            "int_values, double_values, text_values) "
            "SELECT 2, n, date_trunc('second', now()) + interval '1 millisecond' * ($1 / 1000), "
            "now(), s.shape_id, ARRAY[n, n % 100], "
            "ARRAY[n * 0.5, n * 0.25, 1.5, n % 1000 * 0.001, 7.125, n * 1.5], "
            "ARRAY['state-07', 'on'] "
            "FROM generate_series($1::bigint, $2::bigint) n, "
            "(SELECT shape_id FROM shapes WHERE attrs[1] = 901) s",
            pg::Params{}.add(first + from).add(first + std::min(from + kRowsAtOnce, rows) - 1)));
    }
}

void stream_backlog(const Settings& settings, Report& report) {
    const std::int64_t rows = settings.scaled(4'000'000, 2000);
    Server server(settings);
    auto database = server.database();
    Follower follower(server, settings);
    follower.start();
    follower.await_copy();
    follower.stop();
    write_backlog(database, rows);
    const Lsn end = end_of_log(database);
    std::int64_t resident = 0;
    // Samples at a pace of their own.
    std::jthread watch([&resident](const std::stop_token& end) {
        while (!end.stop_requested()) {
            resident = std::max(resident, resident_bytes(getpid()));
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
    });
    const double cpu = own_cpu_seconds();
    const auto begin = Clock::now();
    follower.start();
    follower.await(end, 600);
    const double seconds = seconds_since(begin);
    const double cpu_seconds = own_cpu_seconds() - cpu;
    watch.request_stop();
    watch.join();
    const std::int64_t stored = count_points(follower);
    if (stored != rows * 10) {
        report.wrong(fmt::format("{} points written, {} stored", rows * 10, stored));
    }
    const auto points = static_cast<double>(rows * 10);
    report.note(fmt::format("{:.1f} s for {:.0f} M points, {:.1f} s of processor time", seconds,
                            points / 1e6, cpu_seconds));
    report.metric({"points_per_second", points / seconds, 1e6, {}, {}});
    report.metric({"rows_per_cpu_second", points / 10 / cpu_seconds, {}, {}, {}});
    report.metric({"resident_mb", static_cast<double>(resident) / 1e6, 500, {}, {}});
}

// Goal: what a source row costs each of the two readers, in processor time of all their processes.
// Method: two slots hold back the same rows; one reader after the other takes them. Atlas also
// loads them into its store; Debezium hands records to a callback that counts them, without a
// converter.
void stream_debezium(const Settings& settings, Report& report) {
    const std::int64_t rows = settings.scaled(1'000'000, 2000);
    const Debezium debezium;
    Server server(settings, {"analytics.enabled=false", "postgres.listen=127.0.0.1"});
    auto database = server.database(true);
    debezium.prepare(database);
    Follower follower(server, settings);
    follower.start();
    follower.await_copy();
    follower.stop();
    write_backlog(database, rows);
    const Lsn end = end_of_log(database);
    const double cpu = own_cpu_seconds();
    follower.start();
    follower.await(end, 600);
    const double ours = own_cpu_seconds() - cpu;
    const double sender = walsender_cpu_seconds(database);
    follower.stop();
    if (const auto stored = count_points(follower); stored != rows * 10) {
        report.wrong(fmt::format("{} points written, {} stored", rows * 10, stored));
    }
    const Debezium::Run theirs = debezium.read(database, rows);
    if (theirs.rows != rows) {
        report.wrong(fmt::format("{} rows written, {} read by Debezium", rows, theirs.rows));
    }
    report.note(
        fmt::format("Atlas {:.1f} s of processor time, store included, its walsender "
                    "{:.1f} s; Debezium {:.1f} s, its walsender {:.1f} s",
                    ours, sender, theirs.cpu_seconds, theirs.walsender_cpu_seconds));
    const double peer = static_cast<double>(rows) / theirs.cpu_seconds;
    const double rate = static_cast<double>(rows) / ours;
    report.metric({"rows_per_cpu_second", rate, 10 * peer, peer, rate / peer});
}

// Goal: what each follower of the log takes from the primary.
// Method: as many rows are written beside one, two and four of them, which count and keep nothing;
// measured are the walsenders.
void stream_followers(const Settings& settings, Report& report) {
    const std::int64_t rows = settings.scaled(1'000'000, 2000);
    Server server(settings);
    auto database = server.database();
    std::int64_t written = 0;
    for (const int count : {1, 2, 4}) {
        std::vector<std::unique_ptr<LogReader>> followers;
        followers.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            followers.push_back(
                std::make_unique<LogReader>(server, fmt::format("follower-{}-{}", count, i)));
        }
        const double before = walsender_cpu_seconds(database);
        write_backlog(database, rows, written);
        written += rows;
        const Lsn end = end_of_log(database);
        for (const auto& follower : followers) {
            follower->await(end, 600);
            if (follower->rows() == rows) continue;
            report.wrong(fmt::format("{} rows written, {} came", rows, follower->rows()));
        }
        const double each = (walsender_cpu_seconds(database) - before) / count;
        // Processor time per 100 K points is the share of a processor at 100 K points/s.
        const double share = each * 100e3 / static_cast<double>(rows * 10);
        report.metric(
            {fmt::format("percent_of_a_processor_each_of_{}", count), 100 * share, {}, {}, {}});
    }
}

// Posts an observation of its own again and again, and waits until the store shows it.
class Marker {
public:
    Marker(const Server& server, Follower& follower)
        : client_(server.client()), follower_(follower) {}

    void run(const std::stop_token& end) {
        auto connection = follower_.store().connect();
        if (!connection) throw std::runtime_error(connection.error().message);
        while (!end.stop_requested()) {
            const std::int64_t at = to_micros(now()) / 1000 * 1000;
            const auto begin = Clock::now();
            const auto response = client_.send(
                {.method = "POST",
                 .target = "/v1/telemetry",
                 .body = fmt::format(
                     R"({{"entity": "marker", "at": {}, "attributes": {{"m": 1}}}})", at / 1000),
                 .content_type = "application/json"});
            if (!response || !response->ok()) throw std::runtime_error("a marker was refused");
            await_that("the store shows a marker", 60, std::chrono::milliseconds{5},
                       [&] { return shown(*connection, at); });
            ages_.push_back(seconds_since(begin));
            // A few a second, so that the questions take little from what is measured.
            std::this_thread::sleep_for(std::chrono::milliseconds{150});
        }
    }
    std::vector<double>& ages() { return ages_; }

private:
    // Recent rows are in the order of their arrival, so the condition on the time skips most.
    bool shown(analytics::duckdb::Connection& connection, std::int64_t at) const {
        auto rows = connection.query(
            "SELECT count(*) FROM store.recent p WHERE p.observed_at = make_timestamp($1) AND "
            "p.tenant_id = 2",
            {at});
        if (!rows) throw std::runtime_error(rows.error().message);
        return rows->one_integer().value().value_or(0) > 0;
    }

    client::HttpClient client_;
    Follower& follower_;
    std::vector<double> ages_;
};

void analytics_fresh(const Settings& settings, Report& report) {
    Server server(settings);
    Fleet fleet(scaled({}, settings), unix_ms_hours_ago(0));
    auto database = server.database();
    fleet.register_all(database);
    Follower follower(server, settings);
    follower.start();
    follower.await_copy();
    // As much as goes, for the rate that it sustains; then half of the goal, for the age.
    const double seconds = settings.seconds_or(300);
    std::uint64_t points = 0;
    const auto begin = Clock::now();
    LoadResult most = run_load(server, fleet, {.seconds = seconds / 2});
    follower.await(end_of_log(database), 600);
    const double sustained = static_cast<double>(most.points) / seconds_since(begin);
    points += most.points;
    report.note(fmt::format("{:.0f} points/s accepted at full load", most.points_per_second()));
    Marker marker(server, follower);
    std::jthread markers([&](const std::stop_token& end) {
        try {
            marker.run(end);
        } catch (const std::exception& error) {
            report.wrong(error.what());
        }
    });
    LoadResult load = run_load(server, fleet, {.seconds = seconds / 2, .requests_per_second = 20});
    markers.request_stop();
    markers.join();
    points += load.points;
    follower.await(end_of_log(database), 600);
    const auto stored = count_points(follower);
    const auto expected = static_cast<std::int64_t>(points + marker.ages().size());
    if (stored != expected) {
        report.wrong(fmt::format("{} points acknowledged, {} stored", expected, stored));
    }
    if (most.failed + load.failed > 0) report.wrong("requests were refused");
    report.note(fmt::format("{:.0f} points/s and {} markers for the age", load.points_per_second(),
                            marker.ages().size()));
    report.metric({"points_per_second", sustained, 400e3, {}, {}});
    report.metric({"age_p95_s", percentile(marker.ages(), 0.95), 1, {}, {}});
    report.metric({"age_p99_s", percentile(marker.ages(), 0.99), 2, {}, {}});
}

// Points a second, and how long the stream took to catch up.
double ingest(const Settings& settings, Report& report, bool streamed) {
    Server server(settings, {fmt::format("analytics.enabled={}", streamed)});
    server.attach_partitions();
    Fleet fleet(scaled({}, settings), unix_ms_hours_ago(6));
    auto database = server.database();
    fleet.register_all(database);
    const auto is_applied = [&](Lsn end) {
        return must(database.exec("SELECT count(*) FROM pg_replication_slots "
                                  "WHERE confirmed_flush_lsn >= $1::pg_lsn",
                                  pg::Params{}.add(to_string(end))))
                   .int8(0, 0) > 0;
    };
    const auto catch_up = [&] {
        const Lsn end = end_of_log(database);
        const auto begin = Clock::now();
        await_that("the slot is confirmed", 600, std::chrono::milliseconds{20},
                   [&] { return !streamed || is_applied(end); });
        return seconds_since(begin);
    };
    catch_up();  // the initial copy
    LoadResult load = run_load(server, fleet, {.seconds = settings.seconds_or(60)});
    if (load.failed > 0) report.wrong(fmt::format("{} requests refused", load.failed));
    // The slot is confirmed some seconds after the store has it.
    const double behind = catch_up();
    report.note(fmt::format("{}: {:.0f} points/s, caught up after {:.1f} s",
                            streamed ? "with the stream" : "without it", load.points_per_second(),
                            behind));
    if (streamed) report.metric({"catch_up_s", behind, load.seconds, {}, {}});
    return load.points_per_second();
}

void ingest_streamed(const Settings& settings, Report& report) {
    const double without = ingest(settings, report, false);
    const double with = ingest(settings, report, true);
    report.metric({"points_per_second", with, 0.7 * without, without, with / without});
}

}  // namespace

std::vector<Benchmark> stream_benchmarks() {
    return {
        {"analytics_fresh", "sustained into the analytics store, and the age of what it shows",
         analytics_fresh},
        {"stream_backlog", "a backlog of 40 M points read and loaded after a stop", stream_backlog},
        {"stream_debezium", "a backlog read by Atlas and by Debezium: rows per second of CPU",
         stream_debezium, true},
        {"stream_followers", "processor time of the primary for each follower, at 100 K points/s",
         stream_followers},
        {"ingest_streamed", "ingest with the stream on, beside ingest without it", ingest_streamed},
    };
}

}  // namespace atlas::bench
