// SPDX-License-Identifier: Apache-2.0
#include "app/gateway.h"

#include <optional>
#include <utility>

#include "app/settings.h"
#include "http/auth.h"
#include "http/health_routes.h"
#include "http/readiness.h"
#include "http/server.h"
#include "observe/process.h"
#include "pg/pool.h"

namespace atlas::app {
namespace {

void append(std::vector<http::Route>& routes, std::vector<http::Route> more) {
    for (auto& route : more) routes.push_back(std::move(route));
}

http::ServerOptions server_options(const GatewayOptions& options, const config::Config& config,
                                   http::Readiness& readiness) {
    http::ServerOptions server;
    server.host = options.listen.host;
    server.port = options.listen.port;
    server.io_threads = static_cast<std::size_t>(config.http_threads());
    server.handler_threads = static_cast<std::size_t>(config.read_sessions());
    server.body_bytes = static_cast<std::size_t>(config.max_body_mb()) << 20U;
    server.drain_delay = options.drain_delay;
    server.readiness = &readiness;
    return server;
}

pg::SessionSettings read_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas read";
    return settings;
}

// Until tokens can be verified there is the tenant `default` on this machine, and nothing else.
class LocalOnly final : public http::Authenticator {
public:
    std::optional<http::Response> check_site(const http::Credentials&) const override {
        return std::nullopt;
    }
    std::optional<http::AuthResult> cached(const http::Credentials& credentials) override {
        return verify(credentials);
    }
    http::AuthResult verify(const http::Credentials&) override {
        return http::Principal{kDefaultTenant, "default", http::Scopes(http::Scope::admin)};
    }
};

}  // namespace

struct Gateway::Parts {
    Parts(GatewayOptions given, const config::Config& configured, observe::Registry& shared)
        : options(std::move(given)),
          config(configured),
          registry(shared),
          process(shared),
          readers(options.conninfo, read_session(), static_cast<int>(config.read_sessions())) {}

    std::vector<http::Route> routes() {
        std::vector<http::Route> all;
        append(all, http::health_routes(readiness, registry));
        return all;
    }

    const GatewayOptions options;
    const config::Config& config;
    observe::Registry& registry;
    observe::ProcessMetrics process;
    http::Readiness readiness;
    pg::Pool readers;
    std::unique_ptr<http::Authenticator> authenticator = std::make_unique<LocalOnly>();
    std::optional<http::Server> server;
};

Gateway::Gateway(GatewayOptions options, const config::Config& config, observe::Registry& registry)
    : parts_(std::make_unique<Parts>(std::move(options), config, registry)) {
}

Gateway::~Gateway() = default;

void Gateway::start() {
    parts_->server.emplace(server_options(parts_->options, parts_->config, parts_->readiness),
                           parts_->routes(), *parts_->authenticator, parts_->registry);
    const auto started = parts_->server->start();
    if (!started) throw StartupError(started.error());
}

std::string Gateway::url() const {
    ListenAddress address = parts_->options.listen;
    address.port = parts_->server->port();
    return url_of(address);
}

void Gateway::stop() {
    parts_->server->drain();
    parts_->server->stop();
}

void Gateway::hurry() {
    if (parts_->server) parts_->server->hurry();
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
            "auth = \"off\" is possible on a loopback address only, not on {}; use auth = "
            "\"token\", or listen on 127.0.0.1",
            listen->host));
    }
    return {.listen = *listen,
            .conninfo = std::move(conninfo),
            .auth_off = off,
            .drain_delay = up ? std::chrono::milliseconds(0) : config.drain_delay()};
}

}  // namespace atlas::app
