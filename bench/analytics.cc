// SPDX-License-Identifier: Apache-2.0
//
// Questions to the analytics store over HTTP: alone, beside PostgreSQL's, as series, and many at a
// time during writes.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "bench/analytics.h"
#include "bench/load.h"
#include "bench/month.h"
#include "bench/population.h"
#include "bench/questions.h"
#include "bench/rows.h"

namespace atlas::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::string window(const Month& month) {
    return fmt::format(R"("from": "{}", "to": "{}")", format_rfc3339(month.from()),
                       format_rfc3339(month.to()));
}

// What PostgreSQL is asked instead: SQL with tenant, from and to as $1, $2, $3, whose one cell is
// the rows, in their order.
struct Comparison {
    std::string name;
    Question question;
    double goal_ms;
    const char* sql;
};

std::vector<Comparison> comparisons(const Month& month) {
    return {
        {"hourly_average",
         {.name = "hourly average",
          .target = "/v1/analytics/query",
          .body = fmt::format(R"({{{}, "measures": [{{"agg": "avg", "attribute": "curve_0"}}], )"
                              R"("group_by": [{{"bucket": "1h"}}], "limit": 1000}})",
                              window(month))},
         60,
         "SELECT json_agg(json_build_array(to_char(hour, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), mean) "
         "ORDER BY hour) FROM ("
         "SELECT date_trunc('hour', ingested_at) AS hour, avg(value_double) AS mean "
         "FROM entity_values_ts WHERE tenant_id = $1 AND ingested_at >= $2 AND ingested_at < $3 "
         "AND attribute_id = (SELECT attribute_id FROM attributes "
         "WHERE attribute_name = 'curve_0') GROUP BY 1) q"},
        {"distribution",
         {.name = "distribution",
          .target = "/v1/analytics/query",
          .body = fmt::format(
              R"({{{}, "measures": [{{"agg": "avg"}}, {{"agg": "median"}}, {{"agg": "p95"}}], )"
              R"("group_by": [{{"field": "attribute"}}, {{"attribute": "site"}}], )"
              R"("having": "avg >= 0", "order_by": "attribute, site", "limit": 1000}})",
              window(month))},
         500,
         "WITH points AS NOT MATERIALIZED (SELECT entity_id, attribute_id, ingested_at, value, "
         "coalesce(value_double, value_int) AS number FROM entity_values_ts "
         "WHERE tenant_id = $1 AND ingested_at >= $2 AND ingested_at < $3), "
         "sites AS (SELECT DISTINCT ON (entity_id) entity_id, value AS site FROM points "
         "WHERE attribute_id = (SELECT attribute_id FROM attributes "
         "WHERE attribute_name = 'site') ORDER BY entity_id, ingested_at DESC) "
         "SELECT json_agg(json_build_array(attribute_name, site, mean, half, most) "
         "ORDER BY attribute_name COLLATE \"C\", site COLLATE \"C\") FROM ("
         "SELECT attribute_id, site, avg(number) AS mean, "
         "percentile_cont(0.5) WITHIN GROUP (ORDER BY number) AS half, "
         "percentile_cont(0.95) WITHIN GROUP (ORDER BY number) AS most "
         "FROM points JOIN sites USING (entity_id) WHERE number IS NOT NULL GROUP BY 1, 2) q "
         "JOIN attributes USING (attribute_id)"},
    };
}

// Goal: what the two questions cost of the largest tenant, and PostgreSQL for the same.
// Method: both have the same points. PostgreSQL is asked twice, the faster time counts: the first
// has to read its pages from disk.
void analytics_queries(SharedMonth& shared, const Settings& settings, Report& report) {
    Month& month = shared.get(settings, report);
    Server& server = month.serve(2);
    const Month::Owner& tenant = month.tenants().front();
    report.note(fmt::format("tenant {} with {} entities, {} points in all", tenant.name,
                            tenant.entities, month.points()));
    Questioner questioner(server, tenant.name);
    auto database = server.database();
    for (const Comparison& one : comparisons(month)) {
        const auto rows = questioner.rows(one.question);
        double reference = 0;
        for (int turn = 0; turn < 2; ++turn) {
            const auto begin = Clock::now();
            const auto found = must(database.exec(
                one.sql, pg::Params{}.add(tenant.id).add(month.from()).add(month.to())));
            const double took = milliseconds_since(begin);
            reference = turn == 0 ? took : std::min(reference, took);
            if (turn > 0) continue;
            if (rows.empty()) report.wrong(one.name + " finds nothing");
            const auto fault = difference(rows, parse_rows(found.text(0, 0)));
            if (fault) return report.wrong(fmt::format("{}: {}", one.name, *fault));
        }
        auto samples = questioner.repeat(one.question, settings.seconds_or(20) / 2);
        const double median = percentile(samples, 0.5);
        report.note(fmt::format("{}: {} rows, {} times; PostgreSQL {:.0f} ms", one.name,
                                rows.size(), samples.size(), reference));
        report.metric({one.name + "_p50_ms", median, one.goal_ms, {}, {}});
        report.metric({one.name + "_p99_ms", percentile(samples, 0.99), {}, {}, {}});
        report.metric({one.name + "_times_faster", reference / median, 20, {}, {}});
    }
}

struct Span {
    const char* name;
    std::chrono::hours length;
    const char* step;
    double goal_ms;
};
constexpr Span kSpans[] = {{"1h", std::chrono::hours{1}, "1m", 50},
                           {"24h", std::chrono::hours{24}, "15m", 100},
                           {"7d", std::chrono::hours{168}, "1h", 300},
                           {"30d", std::chrono::hours{720}, "6h", 1000}};

// One curve of all entities of the largest tenant; the primary's is the same to the byte.
void fleet_series(SharedMonth& shared, const Settings& settings, Report& report) {
    Month& month = shared.get(settings, report);
    Server& server = month.serve(2);
    const Month::Owner& tenant = month.tenants().front();
    Questioner questioner(server, tenant.name);
    for (const Span& span : kSpans) {
        const std::string target = fmt::format(
            "/v1/series?attributes=curve_0&group_by=none&step={}&agg=avg,min,max&"
            "page_size=1000&from={}&to={}",
            span.step, format_rfc3339(month.to() - span.length), format_rfc3339(month.to()));
        const Question primary{.name = span.name, .target = target, .body = {}};
        const Question store{
            .name = span.name, .target = target + "&consistency=analytics", .body = {}};
        const auto ours = questioner.ask(store);
        const auto began = Clock::now();
        const auto theirs = questioner.ask(primary);
        const double reference = milliseconds_since(began);
        if (ours.at("series") != theirs.at("series")) {
            return report.wrong(fmt::format("{}: the store and the primary differ", span.name));
        }
        if (!ours.at("next_page_token").as_string().empty()) {
            return report.wrong(fmt::format("{}: the series has more than a page", span.name));
        }
        auto samples = questioner.repeat(store, settings.seconds_or(20) / std::size(kSpans));
        report.note(fmt::format("{} by {}: {} times; the primary {:.0f} ms", span.name, span.step,
                                samples.size(), reference));
        report.metric(
            {fmt::format("p50_ms_{}", span.name), percentile(samples, 0.5), span.goal_ms, {}, {}});
    }
}

struct Client {
    Questioner questioner;
    std::vector<boost::json::array> expected;  // of each question
    std::vector<double> milliseconds;
    std::uint64_t refused = 0;
};

// Asks one question after the other, from another one on than the others.
void ask_until(Client& client, const std::vector<Question>& questions, std::size_t first,
               Clock::time_point end) {
    for (std::size_t at = first; Clock::now() < end; ++at) {
        const std::size_t which = at % questions.size();
        const auto begin = Clock::now();
        std::optional<boost::json::object> body;
        while (!(body = client.questioner.try_ask(questions[which]))) {
            if (Clock::now() >= end) return;
            // More questions than the store takes at a time: the client waits before it asks again.
            ++client.refused;
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        const auto fault = difference(body->at("rows").as_array(), client.expected[which]);
        if (fault) throw std::runtime_error(questions[which].name + ": " + *fault);
        client.milliseconds.push_back(milliseconds_since(begin));
    }
}

// Goal: what questions and writes do to each other.
// Method: each client is a tenant of its own, by rank, and asks all named queries in turns, whose
// results it knows from before the writes; those go to other tenants.
void analytics_concurrent(SharedMonth& shared, const Settings& settings, Report& report) {
    constexpr std::size_t kClients = 16;
    Month& month = shared.get(settings, report);
    Server& server = month.serve(1);
    const auto questions = named_questions(month);
    std::vector<Client> clients;
    for (std::size_t i = 0; i < kClients; ++i) {
        const auto& tenant = month.tenants()[i % month.tenants().size()];
        clients.push_back({Questioner(server, tenant.name), {}, {}, 0});
        for (const Question& question : questions) {
            clients.back().expected.push_back(clients.back().questioner.rows(question));
        }
    }
    auto database = server.database();
    Fleet fleet({.entities = settings.scaled(100'000, 200), .tenants = 10, .lines_per_body = 100},
                unix_ms_hours_ago(1));
    fleet.register_all(database);
    const double seconds = settings.seconds_or(60);
    LoadResult load;
    std::thread writer([&] {
        load = run_load(server, fleet,
                        {.seconds = seconds, .connections = 8, .requests_per_second = 100});
    });
    const auto begin = Clock::now();
    const auto end =
        begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    std::vector<std::thread> threads;
    threads.reserve(kClients);
    for (std::size_t i = 0; i < kClients; ++i) {
        threads.emplace_back([&, i] {
            try {
                ask_until(clients[i], questions, i, end);
            } catch (const std::exception& error) {
                report.wrong(error.what());
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    const double took = milliseconds_since(begin) / 1000;
    writer.join();
    std::vector<double> all;
    std::uint64_t refused = 0;
    for (const Client& client : clients) {
        all.insert(all.end(), client.milliseconds.begin(), client.milliseconds.end());
        refused += client.refused;
    }
    if (all.empty()) report.wrong("no question was answered");
    if (load.failed > 0) report.wrong(fmt::format("{} requests refused", load.failed));
    report.note(
        fmt::format("{} questions by {} clients, asked again {} times because the store "
                    "was busy; {:.0f} points/s beside them",
                    all.size(), kClients, refused, load.points_per_second()));
    report.metric({"queries_per_second", static_cast<double>(all.size()) / took, 20, {}, {}});
    report.metric({"query_p50_ms", percentile(all, 0.5), {}, {}, {}});
    report.metric({"query_p99_ms", percentile(all, 0.99), {}, {}, {}});
    report.metric({"ack_p50_ms", percentile(load.latency_ms, 0.5), {}, {}, {}});
    report.metric({"ack_p99_ms", percentile(load.latency_ms, 0.99), 25, {}, {}});
}

}  // namespace

std::vector<Benchmark> analytics_benchmarks() {
    const auto month = std::make_shared<SharedMonth>();
    const auto with_month = [&month](auto run) {
        return [month, run](const Settings& settings, Report& report) {
            run(*month, settings, report);
        };
    };
    return {
        {"analytics_queries", "two questions to 100 M points, beside PostgreSQL's results",
         with_month(analytics_queries)},
        {"fleet_series", "one curve of a tenant over an hour to 30 days", with_month(fleet_series)},
        {"analytics_storage", "bytes a data point in the store: made, recorded and collected",
         with_month(analytics_storage)},
        {"analytics_clickhouse", "all named queries beside ClickHouse's engine",
         with_month(analytics_clickhouse), true},
        {"analytics_concurrent", "16 clients with all named queries while 100 K points/s come in",
         with_month(analytics_concurrent)},
    };
}

}  // namespace atlas::bench
