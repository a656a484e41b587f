// SPDX-License-Identifier: Apache-2.0
#include "bench/month.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "base/clock.h"
#include "bench/fleet.h"
#include "bench/follower.h"

namespace atlas::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kEntities = 1014;  // 100 M points
constexpr int kTenants = 100;
constexpr std::int64_t kFewestEntities = 12;
constexpr int kFewestTenants = 4;
constexpr std::int64_t kPointsPerRow = 10;
// Of each entity, a day; few entities report less often, too.
constexpr int kReports = 332;
constexpr int kReportsWhenTiny = 120;
constexpr double kTiny = 0.01;

constexpr std::string_view kNames = R"(
INSERT INTO attributes (attribute_name, data_type, type)
    SELECT 'counter_' || i, 'int', 'int' FROM generate_series(0, 1) i
    UNION ALL SELECT 'curve_' || i, 'decimal', 'double' FROM generate_series(0, 5) i
    UNION ALL SELECT name, 'string', 'string' FROM unnest(ARRAY['site', 'state']) name;
INSERT INTO shapes (attrs)
    SELECT array_agg(attribute_id::integer ORDER BY attribute_name) FROM attributes
    WHERE attribute_name ~ '^(counter_[01]|curve_[0-5]|site|state)$';
)";

// The sizes of the tenants, by rank, are $1.
constexpr std::string_view kTenantRows =
    "INSERT INTO tenants (tenant_name) SELECT 'month-' || lpad(place::text, 3, '0') "
    "FROM unnest($1::bigint[]) WITH ORDINALITY s (size, place)";
constexpr std::string_view kTenantAttributes =
    "INSERT INTO tenant_attributes (tenant_id, attribute_id, type, in_use) "
    "SELECT t.tenant_id, a.attribute_id, a.type, true FROM tenants t, attributes a "
    "WHERE t.tenant_name LIKE 'month-%' AND a.attribute_id IN "
    "(SELECT unnest(attrs) FROM shapes)";
constexpr std::string_view kEntityRows =
    "INSERT INTO entities (tenant_id, entity_type, external_id, created_at) "
    "SELECT t.tenant_id, (ARRAY['pump', 'valve', 'meter'])[1 + n % 3], "
    "t.tenant_name || '-' || lpad(n::text, 4, '0'), $2::timestamptz + n % 30 * interval '1 day' "
    "FROM unnest($1::bigint[]) WITH ORDINALITY s (size, place) "
    "JOIN tenants t ON t.tenant_name = 'month-' || lpad(place::text, 3, '0') "
    "CROSS JOIN LATERAL generate_series(0, size - 1) n";

// A day, in the order in which it is reported: $1 its midnight, $2 its number, the last one is 29,
// and $3 how often each entity reports.
constexpr std::string_view kDayRows = R"(
INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, shape_id, int_values,
                          double_values, text_values)
SELECT tenant_id, entity_id, at, at + interval '40 ms' + random() * interval '1 ms', shape_id,
       ARRAY[$2 * $3 + step + n, (random() * 50)::bigint],
       ARRAY[floor((level + random() * 0.2) * 100) / 100,
             floor((level * 2 + random() * 0.2) * 100) / 100,
             floor((level * 3 + random() * 0.4) * 100) / 100,
             floor((level * 4 + random() * 0.4) * 100) / 100,
             floor((level * 5 + random() * 0.8) * 100) / 100,
             floor((level * 6 + random() * 0.8) * 100) / 100],
       ARRAY[(ARRAY['north', 'south', 'east', 'west', 'centre'])[1 + n % 5],
             CASE WHEN (n * 7 + $2 * 7 + step / 47) % 20 > 1 THEN 'online'
                  WHEN n % 2 = 0 THEN 'maintenance' ELSE 'offline' END]
FROM (
    SELECT *, 20 + 5 * sin(n + step * 2 * pi() / $3)
               + CASE WHEN (n * 37 + $2 * 11 + step) % 997 = 0 THEN 25 ELSE 0 END AS level,
           $1::timestamptz + step * interval '1 day' / $3 + n % 1000 * interval '1 ms'
               + random() * interval '1 ms' AS at
    FROM generate_series(0, $3 - 1) step,
         (SELECT e.tenant_id, e.entity_id, row_number() OVER (ORDER BY e.entity_id) AS n
          FROM entities e JOIN tenants t USING (tenant_id)
          WHERE t.tenant_name LIKE 'month-%') m,
         (SELECT max(shape_id) AS shape_id FROM shapes) s
    WHERE NOT ((n + $2) % 10 = 0 AND step BETWEEN 40 AND 80) AND NOT (n % 50 = 7 AND $2 > 26)
    ORDER BY step, n) rows
)";

// Midnight, at least two hours ago: the store settles a day an hour after its end.
Time last_midnight() {
    return std::chrono::floor<std::chrono::days>(now() - std::chrono::hours{2});
}

}  // namespace

Month::Month(const Settings& settings, Report& report)
    : settings_(settings),
      to_(last_midnight()),
      server_(settings),
      folder_(server_.folder() / "store") {
    const auto begin = Clock::now();
    {
        auto database = server_.database();
        populate(database);
    }
    report.note(fmt::format("{:.1f} M points written to PostgreSQL in {:.0f} s",
                            static_cast<double>(points_) / 1e6, seconds_since(begin)));
    fill_store(report);
}

void Month::populate(pg::Connection& database) {
    const auto sizes = skewed_sizes(settings_.scaled(kEntities, kFewestEntities),
                                    static_cast<int>(settings_.scaled(kTenants, kFewestTenants)));
    must(database.exec_script(kNames));
    must(database.exec(kTenantRows, pg::Params{}.add_int8s(sizes)));
    must(database.exec_script(kTenantAttributes));
    must(database.exec(kEntityRows, pg::Params{}.add_int8s(sizes).add(from())));
    const auto named = must(database.exec(
        "SELECT t.tenant_id, t.tenant_name, count(*) FROM tenants t JOIN entities USING "
        "(tenant_id) WHERE t.tenant_name LIKE 'month-%' GROUP BY 1, 2 ORDER BY 2"));
    for (int row = 0; row < named.size(); ++row) {
        tenants_.push_back(
            {named.int8(row, 0), std::string(named.text(row, 1)), named.int8(row, 2)});
    }
    must(database.exec("SELECT setseed(0.5)"));
    const int a_day = settings_.scale < kTiny ? kReportsWhenTiny : kReports;
    for (int day = 0; day < kDays; ++day) {
        const Time midnight = from() + std::chrono::days{day};
        must(
            database.exec("SELECT atlas_ensure_partitions(ARRAY[($1::timestamptz AT TIME ZONE "
                          "'UTC')::date])",
                          pg::Params{}.add(midnight)));
        must(database.exec(kDayRows, pg::Params{}.add(midnight).add(day).add(a_day)));
    }
    must(
        database.exec("UPDATE entity_jsonb SET last_day = ($1::timestamptz AT TIME ZONE "
                      "'UTC')::date - 1 WHERE tenant_id >= $2",
                      pg::Params{}.add(to_).add(tenants_.front().id)));
    must(database.exec_script("VACUUM (ANALYZE, FREEZE) observations"));
    points_ = kPointsPerRow * must(database.exec("SELECT count(*) FROM observations")).int8(0, 0);
}

void Month::fill_store(Report& report) {
    const auto begin = Clock::now();
    std::filesystem::create_directory(folder_);
    Follower follower(server_, settings_, {.folder = folder_, .min_settled_points = 1});
    follower.start();
    follower.await_copy();
    const double copied = seconds_since(begin);
    follower.stop();
    follower.compact();
    size_ = measure_store(follower.store());
    if (size_.points != points_) {
        throw std::runtime_error(
            fmt::format("{} points written, {} in the analytics store", points_, size_.points));
    }
    report.note(fmt::format("copied into the store in {:.0f} s, settled and aggregated in {:.0f} s",
                            copied, seconds_since(begin) - copied));
}

Server& Month::serve(int threads) {
    if (threads_ == threads) return server_;
    threads_ = 0;
    server_.restart({fmt::format("analytics.folder={}", folder_.string()),
                     fmt::format("analytics.threads={}", threads), "analytics.reconcile=30d",
                     "jobs.reconcile=30d"});
    await_store();
    threads_ = threads;
    return server_;
}

void Month::await_store() {
    auto client = server_.client(tenants_.front().name);
    await_that("the server answers from its analytics store", 120, std::chrono::milliseconds{50},
               [&] {
                   const auto response = client.send({.method = "POST",
                                                      .target = "/v1/analytics/sql",
                                                      .body = R"({"sql": "SELECT 1"})",
                                                      .content_type = "application/json"});
                   return response && response->ok();
               });
}

void Month::use_store(const std::function<void(analytics::duckdb::DuckStore&)>& use) {
    threads_ = 0;
    server_.restart({"analytics.enabled=false"});
    const SystemClock clock;
    analytics::duckdb::StoreOptions options;
    options.path = folder_ / "atlas.duckdb";
    options.database.threads = 2;
    auto store = analytics::duckdb::DuckStore::open(options, clock);
    if (!store) throw std::runtime_error(store.error().message);
    use(**store);
}

Month& SharedMonth::get(const Settings& settings, Report& report) {
    if (!month_) month_ = std::make_unique<Month>(settings, report);
    return *month_;
}

}  // namespace atlas::bench
