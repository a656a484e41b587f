// SPDX-License-Identifier: Apache-2.0
//
// Reads over HTTP: one entity, a filter beside the reference layout, a day's curve.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <thread>

#include "bench/gets.h"
#include "bench/load.h"
#include "bench/population.h"

namespace atlas::bench {
namespace {

using Clock = std::chrono::steady_clock;

void entity_get(const Settings& settings, Report& report) {
    Server server(settings);
    server.attach_partitions();
    auto database = server.database();
    const auto population = populate(database, settings.scaled(5'000'000, 2000), Reported::today);
    auto samples = get_repeatedly(
        server, 8, settings.seconds_or(20), population.large.name, report,
        [&](std::minstd_rand& random) {
            return fmt::format("/v1/entities/e{}", population.large.first_entity +
                                                       pick(random, population.large.entities));
        });
    report.note(fmt::format("{} entities by id from 8 clients, {} in all", samples.size(),
                            population.entities));
    report.metric({"p50_ms", percentile(samples, 0.5), 0.8, {}, {}});
    report.metric({"p99_ms", percentile(samples, 0.99), 4, {}, {}});
}

void check_same_entities(const Server& server, pg::Connection& database, const Tenant& tenant,
                         Report& report) {
    const auto expected = must(database.exec(kReferenceFilter, pg::Params{}.add(tenant.id))).size();
    auto client = server.client(tenant.name);
    const auto response = client.send({.target = kFilter});
    std::int64_t found = 0;
    const std::string_view body = response ? std::string_view(response->body) : "";
    for (auto at = body.find("\"entity\":"); at != std::string_view::npos;
         at = body.find("\"entity\":", at + 1)) {
        ++found;
    }
    if (found != expected) {
        report.wrong(
            fmt::format("{}: {} entities, the reference finds {}", tenant.name, found, expected));
    }
}

// The two alternate, as long each: what else the machine does affects both.
void compare_filter(const Server& server, pg::Connection& database, const Tenant& tenant,
                    std::string_view when, double seconds, Report& report) {
    auto client = server.client(tenant.name);
    std::vector<double> reference;
    std::vector<double> ours;
    double spent = 0;
    const auto end =
        Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    do {
        auto begin = Clock::now();
        must(database.exec(kReferenceFilter, pg::Params{}.add(tenant.id)));
        reference.push_back(milliseconds_since(begin));
        for (spent -= reference.back(); spent < 0; spent += ours.back()) {
            begin = Clock::now();
            const auto response = client.send({.target = kFilter});
            ours.push_back(milliseconds_since(begin));
            if (!response || response->status != 200)
                return report.wrong("a filter did not return 200");
        }
    } while (Clock::now() < end);
    const double yardstick = percentile(reference, 0.5);
    const double median = percentile(ours, 0.5);
    report.metric({fmt::format("p50_ms_{}_{}", tenant.size_name, when), median, yardstick / 10,
                   yardstick, yardstick / median});
}

// Ten times a second, one in a thousand of the tenant's entities gets another status, in both
// layouts.
void change_status(const Server& server, const Tenant& tenant, double seconds, Report& report) {
    constexpr std::array kStates{"online", "standby", "offline", "failed", "new", "old"};
    auto client = server.client(tenant.name);
    auto database = server.database();
    std::minstd_rand random(7);
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    for (auto due = begin; due < end; due += std::chrono::milliseconds{100}) {
        std::this_thread::sleep_until(due);
        std::string body;
        std::vector<std::string> names;
        std::vector<std::string_view> states;
        for (std::int64_t i = 0; i <= tenant.entities / 1000; ++i) {
            names.push_back(
                fmt::format("e{}", tenant.first_entity + pick(random, tenant.entities)));
            states.emplace_back(kStates[random() % kStates.size()]);
            fmt::format_to(std::back_inserter(body),
                           R"({{"entity":"{}","attributes":{{"status":"{}"}}}})", names.back(),
                           states.back());
            body += '\n';
        }
        const auto response = client.send({.method = "POST",
                                           .target = "/v1/telemetry",
                                           .body = body,
                                           .content_type = "application/x-ndjson"});
        if (!response || response->status != 200) {
            report.wrong("a change of status did not return 200");
            return;
        }
        const std::vector<std::string_view> entities(names.begin(), names.end());
        must(database.exec(kReferenceChange,
                           pg::Params{}.add(tenant.id).add_texts(entities).add_texts(states)));
    }
}

void filter(const Settings& settings, Report& report) {
    Server server(settings);
    server.attach_partitions();
    auto database = server.database();
    const auto population =
        populate(database, settings.scaled(5'000'000, 2000), Reported::on_earlier_days);
    build_reference(database);
    const double seconds = settings.seconds_or(80) / 4;
    for (const Tenant* tenant : {&population.small, &population.large}) {
        check_same_entities(server, database, *tenant, report);
        compare_filter(server, database, *tenant, "at_rest", seconds, report);
    }
    // Writes of other tenants, and changes of what the filter selects.
    Fleet fleet({.entities = settings.scaled(100'000, 200), .tenants = 10}, unix_ms_hours_ago(6));
    fleet.register_all(database);
    LoadOptions load{.seconds = 2 * seconds, .requests_per_second = 10};
    std::vector<std::thread> writers;
    writers.emplace_back([&] { run_load(server, fleet, load); });
    for (const Tenant* tenant : {&population.small, &population.large}) {
        writers.emplace_back([&, tenant] { change_status(server, *tenant, 2 * seconds, report); });
    }
    for (const Tenant* tenant : {&population.small, &population.large}) {
        compare_filter(server, database, *tenant, "during_writes", seconds, report);
    }
    for (std::thread& writer : writers) writer.join();
    for (const Tenant* tenant : {&population.small, &population.large}) {
        check_same_entities(server, database, *tenant, report);
    }
}

void series(const Settings& settings, Report& report) {
    Server server(settings);
    server.attach_partitions();
    auto database = server.database();
    const auto history = populate_history(database, settings.scaled(100'000'000, 20'000));
    auto samples = get_repeatedly(
        server, 1, settings.seconds_or(20), "default", report, [&](std::minstd_rand& random) {
            return fmt::format(
                "/v1/entities/h{}/series?attributes={}&from={}&to={}&step=5m&"
                "agg=avg,min,max",
                pick(random, history.entities), history.attributes, history.from_ms, history.to_ms);
        });
    report.note(fmt::format("24 h of 10 attributes by 5 minutes, {} data points in all, {} reads",
                            history.points, samples.size()));
    report.metric({"p50_ms", percentile(samples, 0.5), 5, {}, {}});
    report.metric({"p99_ms", percentile(samples, 0.99), {}, {}, {}});
}

}  // namespace

std::vector<Benchmark> read_benchmarks() {
    return {
        {"entity_get", "entity by id, 5 M entities, 8 clients", entity_get},
        {"filter", "four conditions, newest 100, beside the reference layout", filter},
        {"series", "24 h of 10 attributes in buckets of 5 minutes, 100 M points", series},
    };
}

}  // namespace atlas::bench
