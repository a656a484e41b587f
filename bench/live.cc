// SPDX-License-Identifier: Apache-2.0
//
// The live index: filters and entities from memory while telemetry pours in, strong reads right
// after a write, and how fast changes are applied.
#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "app/compose.h"
#include "base/big_endian.h"
#include "bench/gets.h"
#include "bench/load.h"
#include "bench/population.h"
#include "index/feed/follower.h"
#include "index/live_index.h"

namespace atlas::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Written beside the reads.
constexpr double kPointsPerSecond = 20'000;

std::vector<std::string> with_index() {
    return {"analytics.enabled=false", "index.enabled=true", "index.memory_mb=16384"};
}

bool from_memory(const client::Response& response) {
    return response.status == 200 && response.header("x-data-source") == "live";
}

// Blocks until memory answers.
void await_index(const Server& server, const std::string& tenant) {
    auto client = server.client(tenant);
    await_that("the live index holds the database", 900, std::chrono::milliseconds{50}, [&] {
        const auto response = client.send({.target = "/v1/entities?page_size=1"});
        return response && from_memory(*response);
    });
}

// A gateway of this process that reads from PostgreSQL alone.
class PlainGateway {
public:
    explicit PlainGateway(const Server& server)
        : gateway_(app::add_roles(services_, {"gateway"},
                                  {.listen = {.host = "127.0.0.1", .port = 0},
                                   .conninfo = server.conninfo(),
                                   .auth_off = true},
                                  {config_, registry_, clock_})) {
        services_.start();
    }
    ~PlainGateway() { services_.stop(); }
    PlainGateway(const PlainGateway&) = delete;
    PlainGateway& operator=(const PlainGateway&) = delete;

    client::HttpClient client(const std::string& tenant) const {
        client::Options options;
        options.url = gateway_->url();
        options.tenant = tenant;
        return client::HttpClient(options);
    }

private:
    const config::Config config_;
    observe::Registry registry_;
    const SystemClock clock_;
    app::Services services_;
    app::Gateway* gateway_;
};

// The response without what says where it comes from.
std::string_view shown(const client::Response& response) {
    return std::string_view(response.body).substr(0, response.body.find(",\"_metadata\""));
}

// Telemetry of other tenants meanwhile.
class Writes {
public:
    Writes(const Server& server, Fleet& fleet, double seconds) {
        const double per_request = fleet.shape().lines_per_body * fleet.shape().points();
        thread_ = std::thread([this, &server, &fleet, seconds, per_request] {
            try {
                result_ = run_load(
                    server, fleet,
                    {.seconds = seconds, .requests_per_second = kPointsPerSecond / per_request});
            } catch (const std::exception& error) {
                failure_ = error.what();
            }
        });
    }
    ~Writes() {
        if (thread_.joinable()) thread_.join();
    }
    Writes(const Writes&) = delete;
    Writes& operator=(const Writes&) = delete;

    void end(Report& report) {
        thread_.join();
        if (!failure_.empty()) report.wrong(failure_);
        if (result_.failed > 0) report.wrong("telemetry was refused");
        report.note(fmt::format("{:.0f} points/s meanwhile", result_.points_per_second()));
    }

private:
    LoadResult result_;
    std::string failure_;
    std::thread thread_;
};

FleetShape writing(const Settings& settings) {
    return {.entities = settings.scaled(100'000, 200), .tenants = 10};
}

void live_filter(const Settings& settings, Report& report) {
    Server server(settings, with_index());
    server.attach_partitions();
    auto database = server.database();
    const auto population =
        populate(database, settings.scaled(5'000'000, 2000), Reported::on_earlier_days);
    Fleet fleet(writing(settings), unix_ms_hours_ago(6));
    fleet.register_all(database);
    const std::string& tenant = population.large.name;
    await_index(server, tenant);
    const PlainGateway plain(server);
    auto slow = plain.client(tenant);
    auto fast = server.client(tenant);
    const auto check = [&] {
        const std::string strong = std::string(kFilter) + "&consistency=strong";
        const auto expected = slow.send({.target = strong});
        const auto got = fast.send({.target = strong});
        if (!expected || !got || shown(*expected) != shown(*got)) {
            report.wrong("memory and PostgreSQL give different entities");
        }
    };
    check();
    std::vector<double> live;
    std::vector<double> primary;
    std::int64_t from_elsewhere = 0;
    const double seconds = settings.seconds_or(60);
    Writes writes(server, fleet, seconds);
    const auto end =
        Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    // They alternate: what else the machine does affects both.
    while (Clock::now() < end) {
        auto begin = Clock::now();
        const auto slowly = slow.send({.target = kFilter});
        primary.push_back(milliseconds_since(begin));
        if (!slowly || slowly->status != 200) return report.wrong("a filter did not return 200");
        for (int i = 0; i < 20; ++i) {
            begin = Clock::now();
            const auto response = fast.send({.target = kFilter});
            live.push_back(milliseconds_since(begin));
            if (!response || response->status != 200) {
                return report.wrong("a filter did not return 200");
            }
            if (!from_memory(*response)) ++from_elsewhere;
        }
    }
    writes.end(report);
    check();
    const double yardstick = percentile(primary, 0.5);
    const double median = percentile(live, 0.5);
    report.note(fmt::format("{} filters over {} entities of {}, {} of them not from memory",
                            live.size(), population.large.entities, population.entities,
                            from_elsewhere));
    report.metric({"p50_ms", median, 0.7, yardstick, yardstick / median});
    report.metric({"p99_ms", percentile(live, 0.99), 3, {}, {}});
    report.metric({"times_faster", yardstick / median, 15, {}, {}});
    report.metric({"resident_mb", static_cast<double>(server.resident_bytes()) / 1e6, {}, {}, {}});
}

// Of entities that have not reported since the index began, the database is asked once when they
// reported last.
void look_up_newest(const Server& server, const Tenant& tenant, Report& report) {
    auto client = server.client(tenant.name);
    std::string token;
    do {
        const auto page = client.send(
            {.target = "/v1/entities?order_by=entity&page_size=1000&page_token=" + token});
        if (!page || !from_memory(*page)) return report.wrong("a list did not come from memory");
        const std::string_view body = page->body;
        constexpr std::string_view kMark = "\"next_page_token\":\"";
        const std::size_t begin = body.find(kMark) + kMark.size();
        token = body.substr(begin, body.find('"', begin) - begin);
    } while (!token.empty());
}

void live_get(const Settings& settings, Report& report) {
    Server server(settings, with_index());
    server.attach_partitions();
    auto database = server.database();
    const auto population =
        populate(database, settings.scaled(5'000'000, 2000), Reported::on_earlier_days);
    const Tenant& tenant = population.large;
    await_index(server, tenant.name);
    const auto target = [&](std::minstd_rand& random) {
        return fmt::format("/v1/entities/e{}", tenant.first_entity + pick(random, tenant.entities));
    };
    look_up_newest(server, tenant, report);
    const double seconds = settings.seconds_or(20) / 2;
    auto alone = get_repeatedly(server, 1, seconds, tenant.name, report, target);
    const auto begin = Clock::now();
    const auto many = get_repeatedly(server, 8, seconds, tenant.name, report, target);
    const double took = milliseconds_since(begin) / 1000;
    report.note(fmt::format("{} by one client, {} by 8 of them, of {} entities", alone.size(),
                            many.size(), population.entities));
    report.metric({"p50_ms", percentile(alone, 0.5), 0.2, {}, {}});
    report.metric({"p99_ms", percentile(alone, 0.99), 1, {}, {}});
    report.metric({"per_second", static_cast<double>(many.size()) / took, 25e3, {}, {}});
}

constexpr std::string_view kFacets =
    "/v1/entities:facets?attributes=environment,status,priority,zone,online&filter="
    "environment%20%3D%20%22production%22";

void live_facets(const Settings& settings, Report& report) {
    Server server(settings, with_index());
    auto database = server.database();
    const auto population =
        populate(database, settings.scaled(4'000'000, 2000), Reported::on_earlier_days);
    const std::string& tenant = population.large.name;
    await_index(server, tenant);
    const PlainGateway plain(server);
    const auto expected = plain.client(tenant).send({.target = kFacets});
    const auto got = server.client(tenant).send({.target = kFacets});
    if (!expected || !got || expected->status != 200 || shown(*expected) != shown(*got)) {
        report.wrong("memory and PostgreSQL count differently");
    }
    if (!got || !from_memory(*got)) report.wrong("the counts did not come from memory");
    auto samples = get_repeatedly(server, 1, settings.seconds_or(20), tenant, report,
                                  [](std::minstd_rand&) { return std::string(kFacets); });
    report.note(fmt::format("{} counts of 5 attributes under a filter over {} entities",
                            samples.size(), population.large.entities));
    report.metric({"p50_ms", percentile(samples, 0.5), 2, {}, {}});
    report.metric({"p99_ms", percentile(samples, 0.99), {}, {}, {}});
}

void strong_read(const Settings& settings, Report& report) {
    Server server(settings, with_index());
    server.attach_partitions();
    auto database = server.database();
    const auto population =
        populate(database, settings.scaled(1'000'000, 2000), Reported::on_earlier_days);
    Fleet fleet(writing(settings), unix_ms_hours_ago(6));
    fleet.register_all(database);
    const Tenant& tenant = population.large;
    await_index(server, tenant.name);
    auto client = server.client(tenant.name);
    std::minstd_rand random(3);
    std::vector<double> samples;
    std::int64_t elsewhere = 0;
    const double seconds = settings.seconds_or(30);
    Writes writes(server, fleet, seconds);
    const auto end =
        Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    for (std::int64_t round = 0; Clock::now() < end; ++round) {
        const std::string entity =
            fmt::format("e{}", tenant.first_entity + pick(random, tenant.entities));
        const std::string state = fmt::format("state {}", round);
        const auto written =
            client.send({.method = "POST",
                         .target = "/v1/telemetry",
                         .body = fmt::format(R"({{"entity":"{}","attributes":{{"status":"{}"}}}})",
                                             entity, state),
                         .content_type = "application/json"});
        if (!written || written->status != 200) return report.wrong("a write did not return 200");
        const std::string target = "/v1/entities/" + entity + "?consistency=strong";
        const auto begin = Clock::now();
        const auto read = client.send({.target = target});
        samples.push_back(milliseconds_since(begin));
        if (!read || read->status != 200 ||
            read->body.find('"' + state + '"') == std::string::npos) {
            return report.wrong("a strong read does not show the write before it");
        }
        if (!from_memory(*read)) ++elsewhere;
    }
    writes.end(report);
    report.note(fmt::format("{} strong reads, each after a write; {} by the primary",
                            samples.size(), elsewhere));
    report.metric({"p50_ms", percentile(samples, 0.5), 3, {}, {}});
    report.metric({"p99_ms", percentile(samples, 0.99), 15, {}, {}});
}

// Rows of the log as the decoder hands them on, without the log.
class Log {
public:
    Log(index::Follower& follower, std::int64_t tenants) : follower_(follower), tenants_(tenants) {
        entities_ = relation(
            1, stream::Table::entities, "entities",
            {"entity_id", "tenant_id", "entity_type", "created_at", "is_deleted", "external_id"});
        states_ = relation(2, stream::Table::entity_jsonb, "entity_jsonb",
                           {"entity_id", "tenant_id", "hot_attrs", "updated_at", "hot_at",
                            "last_day", "is_deleted"});
    }

    void begin() {
        position_.lsn.value += 1000;
        must(follower_.begin({.commit = position_, .end = position_, .committed_at = now()}));
    }
    void commit() {
        position_.lsn.value += 100;
        must(follower_.commit({.commit = position_, .end = position_, .committed_at = now()}));
    }
    void add(std::int64_t entity) {
        texts_ = {int8(entity), int8(1 + entity % tenants_), "pump",
                  time(entity), std::string(1, 0),           fmt::format("e{}", entity)};
        hand(entities_, stream::Operation::insert);
    }
    // A status of a dozen and a priority, as most changes are, and what else the state has.
    void change(std::int64_t entity, std::int64_t round) {
        const auto number = [&](std::int64_t factor, std::int64_t limit) {
            return (entity * factor + round) % limit;
        };
        texts_ = {int8(entity),
                  int8(1 + entity % tenants_),
                  fmt::format("\1{{\"zone\": \"zone-{}\", \"owner\": \"team {}\", \"status\": "
                              "\"state-{}\", \"priority\": {}, \"environment\": \"production\"}}",
                              number(7, 40), entity % 900, number(3, 12), number(1, 10)),
                  time(round),
                  fmt::format("\1{{\"zone\": {0}, \"owner\": {0}, \"status\": {0}, \"priority\": "
                              "{0}, \"environment\": {0}}}",
                              1'795'255'200'000'000 + round),
                  day(),
                  std::string(1, 0)};
        hand(states_, round == 0 ? stream::Operation::insert : stream::Operation::update);
    }

private:
    static void must(const stream::Expected<void>& done) {
        if (!done) throw std::runtime_error(done.error().message);
    }
    static stream::Relation relation(std::uint32_t oid, stream::Table table, std::string name,
                                     const std::vector<std::string>& columns) {
        stream::Relation made;
        made.oid = oid;
        made.version = 1;
        made.table = table;
        made.name = std::move(name);
        for (const std::string& column : columns) made.columns.push_back({.name = column});
        return made;
    }
    static std::string int8(std::int64_t value) {
        std::string out;
        append_big_endian(out, static_cast<std::uint64_t>(value));
        return out;
    }
    static std::string time(std::int64_t number) { return int8(849'000'000'000'000 + number); }
    static std::string day() { return {0, 0, 0x26, 0x5F}; }

    void hand(const stream::Relation& relation, stream::Operation operation) {
        cells_.clear();
        for (const std::string& text : texts_) {
            cells_.push_back({.kind = stream::Cell::Kind::value, .bytes = text});
        }
        must(follower_.change(
            {.operation = operation, .relation = &relation, .row = cells_, .old_key = {}}));
    }

    index::Follower& follower_;
    const std::int64_t tenants_;
    stream::Relation entities_;
    stream::Relation states_;
    stream::Position position_{.timeline = 1, .lsn = Lsn{1}};
    std::vector<std::string> texts_;
    std::vector<stream::Cell> cells_;
};

void live_apply(const Settings& settings, Report& report) {
    const std::int64_t entities = settings.scaled(1'000'000, 2000);
    constexpr std::int64_t kRows = 1000;  // of a transaction
    const SystemClock clock;
    observe::Registry registry;
    index::LiveIndex index(clock);
    stream::PrimaryClock primary("", clock);  // not started: it knows nothing
    index::Follower follower({}, index, primary, registry, clock);
    Log log(follower, 50);
    for (std::int64_t entity = 0; entity < entities;) {
        log.begin();
        for (const std::int64_t until = std::min(entity + kRows, entities); entity < until;
             ++entity) {
            log.add(entity);
            log.change(entity, 0);
        }
        log.commit();
    }
    std::minstd_rand random(5);
    std::int64_t changes = 0;
    const double seconds = settings.seconds_or(10);
    const auto begin = Clock::now();
    std::int64_t round = 1;
    for (; milliseconds_since(begin) < seconds * 1000; ++round) {
        log.begin();
        for (std::int64_t i = 0; i < kRows; ++i) log.change(pick(random, entities), round);
        log.commit();
        changes += kRows;
    }
    const double took = milliseconds_since(begin) / 1000;
    const auto usage = index.usage();
    if (usage.entities != entities) {
        report.wrong(fmt::format("{} entities put in, {} held", entities, usage.entities));
    }
    report.note(
        fmt::format("{} changes of 5 attributes to {} entities of 50 tenants, {} a "
                    "transaction; making them takes its part of the time",
                    changes, entities, kRows));
    report.metric({"changes_per_second", static_cast<double>(changes) / took, 500e3, {}, {}});
    report.metric({"bytes_per_entity",
                   static_cast<double>(usage.bytes) / static_cast<double>(entities),
                   164,
                   {},
                   {}});
}

}  // namespace

std::vector<Benchmark> live_benchmarks() {
    return {
        {"live_filter", "four conditions, newest 100, from memory, beside PostgreSQL", live_filter},
        {"live_get", "entity by id from memory, 5 M entities", live_get},
        {"live_facets", "values of 5 attributes counted under a filter, from memory", live_facets},
        {"strong_read", "a strong read right after a write", strong_read},
        {"live_apply", "changes of current state applied to the live index", live_apply},
    };
}

}  // namespace atlas::bench
