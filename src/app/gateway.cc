// SPDX-License-Identifier: Apache-2.0
#include "app/gateway.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "app/analytics_address.h"
#include "app/analytics_answers.h"
#include "app/index_answers.h"
#include "app/settings.h"
#include "base/clock.h"
#include "forward/forwarder.h"
#include "http/routes/admin/tenants.h"
#include "http/routes/analytics/analytics.h"
#include "http/routes/auth/token_auth.h"
#include "http/routes/catalog/attributes.h"
#include "http/routes/catalog/entities.h"
#include "http/routes/ops/check.h"
#include "http/routes/ops/health.h"
#include "http/routes/ops/status.h"
#include "http/routes/ops/stream.h"
#include "http/routes/ops/web.h"
#include "http/routes/read/routes.h"
#include "http/routes/read/series.h"
#include "http/routes/write/influx.h"
#include "http/routes/write/telemetry.h"
#include "http/server/server.h"
#include "ingest/ingester.h"
#include "jobs/runner.h"
#include "jobs/standard_jobs.h"
#include "observe/process.h"
#include "pg/pool.h"
#include "primary/primary_reader.h"
#include "primary/server_identity.h"
#include "route/router.h"

namespace atlas::app {
namespace {

// Sessions for the catalog, and for credentials: they must not wait for slow reads.
constexpr int kControlSessions = 4;
constexpr int kAuthSessions = 4;

void append(std::vector<http::Route>& routes, std::vector<http::Route> more) {
    for (auto& route : more) routes.push_back(std::move(route));
}

http::ServerOptions make_server_options(const GatewayOptions& options, const config::Config& config,
                                        http::Readiness& readiness) {
    return {.host = options.listen.host,
            .port = options.listen.port,
            .io_threads = static_cast<std::size_t>(config.http_threads()),
            .handler_threads = static_cast<std::size_t>(config.read_sessions()),
            .slow_threads =
                std::max<std::size_t>(2, static_cast<std::size_t>(config.read_sessions()) / 2),
            .auth_threads = kAuthSessions,
            .body_bytes = static_cast<std::size_t>(config.max_body_mb()) << 20U,
            .drain_delay = options.drain_delay,
            .readiness = &readiness};
}

// Tokens are looked up in milliseconds, and a write waits for that within its own four seconds.
pg::SessionSettings auth_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas auth";
    settings.connect_timeout = std::chrono::milliseconds{3000};
    settings.statement_timeout = std::chrono::milliseconds{2500};
    settings.lock_timeout = std::chrono::milliseconds{2500};
    return settings;
}

pg::SessionSettings control_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas control";
    return settings;
}

ingest::Options ingest_options(const std::string& conninfo, const config::Config& config) {
    ingest::Options options{.conninfo = conninfo,
                            .session = {},
                            .writers = static_cast<int>(config.writers()),
                            .max_queued_bytes = static_cast<std::size_t>(config.queue_mb()) << 20U,
                            .oldest = config.oldest()};
    options.session.application_name = "atlas write";
    return options;
}

// What the process with the store takes for its answer at most, and a little.
constexpr std::chrono::seconds kOnTheWay{5};
// For the status of the process with the store.
constexpr std::chrono::milliseconds kGlance{700};

// Where others reach this process: the name of the machine where it listens at every address.
std::string reached_at(ListenAddress address) {
    if (address.host != "0.0.0.0" && address.host != "::") return url_of(address);
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    address.host = name;
    return url_of(address);
}

std::chrono::days widest_range(const config::Config& config) {
    return std::chrono::days{static_cast<int>(config.max_time_range_days())};
}

}  // namespace

struct Gateway::Parts {
    Parts(GatewayOptions given, const config::Config& config, observe::Registry& shared,
          const Clock& common_clock, const Services& all, Analytics* store, Index* memory)
        : options(std::move(given)),
          server_options(make_server_options(options, config, readiness)),
          registry(shared),
          clock(common_clock),
          services(all),
          process(shared),
          control(options.conninfo, control_session(), kControlSessions),
          auth(options.conninfo, auth_session(), kAuthSessions),
          readers(options.conninfo, primary::read_session_settings(),
                  static_cast<int>(config.read_sessions())),
          identity(control,
                   options.owner_conninfo.empty() ? options.conninfo : options.owner_conninfo,
                   clock),
          primary(readers, catalog, shapes, clock),
          local(store),
          live(memory),
          address(options.analytics_url, control, clock),
          forwarder({.find = [this](bool again) { return address.find(again); },
                     .response_timeout = config.analytics_query_timeout() + kOnTheWay,
                     .most_waiting = std::max(1, static_cast<int>(config.read_sessions()) / 2)},
                    shared),
          router(sources(config)),
          reads{.reader = router,
                .tokens = identity,
                .max_time_range = widest_range(config),
                .export_max_lag = config.export_max_lag(),
                .facets = &router,
                .writes = live == nullptr ? nullptr : &recent_writes},
          authenticator(auth, auth_mode(), clock) {
        reads.forward = forward();
        analytics.forward = reads.forward;
        if (!options.analytics_only) {
            ingester.emplace(ingest_options(options.conninfo, config), catalog, shapes, shared,
                             server_clock);
            recorder.emplace(options.conninfo, std::vector{throughput()}, shared, clock);
        }
        if (answers) analytics.analytics = &answers->questions();
    }

    // Cheapest first; the analytics store serves what asks for it.
    std::vector<route::Source> sources(const config::Config& config) {
        std::vector<route::Source> all;
        if (live != nullptr) {
            const std::string& owner =
                options.owner_conninfo.empty() ? options.conninfo : options.owner_conninfo;
            live_answers.emplace(*live, owner, control, readers, catalog);
            all.push_back(live_answers->source());
        }
        all.push_back({.name = "primary",
                       .reader = primary,
                       .lag = no_lag,
                       .authoritative = true,
                       .facets = &primary});
        if (local == nullptr) return all;
        answers.emplace(*local, control, catalog, clock, config);
        all.push_back(answers->source());
        return all;
    }

    http::AuthMode auth_mode() const {
        return options.auth_off ? http::AuthMode::off : http::AuthMode::on;
    }

    // To the process that has the store, where this one has none, or one that nothing fills.
    http::Forward forward() {
        return [this](const http::Request& request) -> std::optional<http::Response> {
            if (local != nullptr && !local->stands_by()) return std::nullopt;
            return forwarder.forward(request);
        };
    }

    // The rows that stage_flush moves are counted by that.
    jobs::Job throughput() {
        return jobs::throughput_job(fmt::format("gateway {}", getpid()),
                                    [this] { return ingester->meter().accepted_points(); });
    }

    std::vector<http::Route> routes() {
        std::vector<http::Route> all = http::analytics_routes(analytics);
        append(all,
               http::status_routes(control, options.analytics_only ? nullptr : &ingester->meter(),
                                   reads.served, readiness, clock,
                                   {.roles = [this] { return services.status(); },
                                    .sources = other_sources(),
                                    .stages = [this] { return services.stages(); },
                                    .elsewhere = status_elsewhere(),
                                    .psql = options.psql}));
        append(all, http::stream_routes(
                        auth_mode(),
                        [this](std::string_view follower) { return services.rebuild(follower); },
                        reads.forward));
        append(
            all,
            http::check_routes(
                auth_mode(),
                {.begin = [this](const http::StoreCheck& check) { return services.check(check); },
                 .report = [this] { return services.checked(); },
                 .forward = reads.forward}));
        append(all, http::health_routes(readiness, registry));
        append(all, options.analytics_only ? http::series_read_routes(reads) : own_routes());
        return all;
    }

    // Of a gateway.
    std::vector<http::Route> own_routes() {
        std::vector<http::Route> all = http::read_routes(reads);
        append(all, http::entity_routes(control, catalog, reads));
        append(all, http::telemetry_routes(*ingester, identity));
        append(all, http::influx_routes(*ingester, identity, readiness));
        append(all, http::attribute_routes(control, catalog));
        append(all, http::tenant_routes(control, auth_mode()));
        append(all, http::token_routes(control));
        append(all, http::web_routes());
        if (live == nullptr) return all;
        return http::note_writes(std::move(all), recent_writes,
                                 [this] { return live_answers->end_of_log(); });
    }

    http::Forward status_elsewhere() {
        if (local != nullptr) return {};
        return [this](const http::Request& request) { return forwarder.look(request, kGlance); };
    }

    // Besides the primary: the live index, and the analytics store where it is another process's.
    std::vector<std::function<http::StatusPart()>> other_sources() {
        std::vector<std::function<http::StatusPart()>> all;
        if (live != nullptr) {
            all.emplace_back([this] {
                http::StatusPart part = live_answers->status();
                part.rate = reads.served_live.per_second();
                part.rate_unit = "answers";
                return part;
            });
        }
        if (local == nullptr) all.emplace_back([this] { return address.status(); });
        return all;
    }

    const GatewayOptions options;
    http::Readiness readiness;
    const http::ServerOptions server_options;
    observe::Registry& registry;
    const Clock& clock;
    const SystemClock server_clock;  // that the HTTP server reckons deadlines by
    const Services& services;
    observe::ProcessMetrics process;
    catalog::Catalog catalog{clock};
    storage::ShapeRegistry shapes{clock};
    pg::Pool control;
    pg::Pool auth;
    pg::Pool readers;
    primary::ServerIdentity identity;
    primary::PrimaryReader primary;
    Analytics* const local;  // nullptr: another process's
    Index* const live;       // nullptr: none
    AnalyticsAddress address;
    forward::Forwarder forwarder;
    route::NoLag no_lag;
    std::optional<AnalyticsAnswers> answers;
    std::optional<IndexAnswers> live_answers;
    route::Router router;
    http::RecentWrites recent_writes;
    http::ReadContext reads;
    http::AnalyticsContext analytics{.reading = reads};
    std::optional<ingest::Ingester> ingester;  // none: analytics_only
    // Of what this process accepts, so it is no matter of the role jobs.
    std::optional<jobs::Runner> recorder;
    http::TokenAuth authenticator;
    std::optional<http::Server> server;
};

Gateway::Gateway(GatewayOptions options, const ProcessContext& process, const Services& services,
                 Analytics* analytics, Index* index)
    : parts_(std::make_unique<Parts>(std::move(options), process.config, process.registry,
                                     process.clock, services, analytics, index)) {
}

Gateway::~Gateway() = default;

void Gateway::start() {
    Parts& parts = *parts_;
    parts.server.emplace(parts.server_options, parts.routes(), parts.authenticator, parts.registry);
    // A database that cannot be asked now is asked again with the first token.
    static_cast<void>(parts.identity.refresh());
    if (parts.ingester) parts.ingester->start();
    if (parts.recorder) parts.recorder->start();
    const auto started = parts.server->start();
    if (!started) throw StartupError(started.error());
    ListenAddress address = parts.options.listen;
    address.port = parts.server->port();
    const std::string& told = parts.options.analytics_url;
    const std::string own = reached_at(std::move(address));
    if (parts.live != nullptr) parts.live->move_to(own);
    if (parts.local != nullptr) parts.local->move_to(told.empty() ? own : told);
}

const std::vector<http::Route>& Gateway::routes() const {
    return parts_->server->routes();
}

std::string Gateway::url() const {
    ListenAddress address = parts_->options.listen;
    address.port = parts_->server->port();
    return url_of(address);
}

// The server owes responses that only the ingester can give, and takes no new requests meanwhile.
void Gateway::stop() {
    Parts& parts = *parts_;
    parts.server->drain();
    if (parts.recorder) parts.recorder->stop();
    if (parts.ingester) parts.ingester->stop();
    parts.server->stop();
}

void Gateway::hurry() {
    if (parts_->server) parts_->server->hurry();
}

http::StatusPart Gateway::status() const {
    http::StatusPart part{.name = parts_->ingester ? kGatewayRole : kListener,
                          .state = parts_->readiness.ready() ? "running" : "draining"};
    if (!parts_->ingester) return part;
    part.rate = parts_->ingester->meter().points_per_second();
    part.rate_unit = "data_points";
    return part;
}

GatewayOptions gateway_options(const config::Config& config, std::string conninfo, bool up) {
    const auto listen = parse_listen(config.listen());
    if (!listen) {
        throw ConfigError(fmt::format("listen = \"{}\": it takes HOST:PORT", config.listen()));
    }
    const bool loopback = http::is_loopback_host(listen->host);
    const bool off = config.auth() == "off" || (config.auth() == "auto" && up && loopback);
    if (off && !loopback) {
        throw ConfigError(fmt::format(
            "auth = \"off\" is allowed on a loopback address only, not on {}; use auth = "
            "\"token\", or listen on 127.0.0.1",
            listen->host));
    }
    return {.listen = *listen,
            .conninfo = conninfo,
            .owner_conninfo = std::move(conninfo),
            .analytics = config.analytics_folder(),
            .analytics_url = config.analytics_url(),
            .auth_off = off,
            .drain_delay = up ? std::chrono::milliseconds(0) : config.drain_delay()};
}

}  // namespace atlas::app
