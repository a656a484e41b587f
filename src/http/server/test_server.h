// SPDX-License-Identifier: Apache-2.0
//
// A running server for tests, with an authenticator that knows two secrets and no database.
//
// Threading  the test's thread starts and stops it; the authenticator is called from any.
#pragma once

#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "http/server/problem.h"
#include "http/server/server.h"
#include "http/server/test_client.h"

namespace atlas::http {

// "atlas_all" has every scope, "atlas_read" can read; others are refused. Blocks as the production
// one does: nothing is cached.
class TwoSecrets final : public Authenticator {
public:
    std::optional<Response> check_site(const Credentials&) const override { return std::nullopt; }
    std::optional<AuthResult> cached(const Credentials&) override { return std::nullopt; }
    AuthResult verify(const Credentials& credentials) override {
        if (before_verdict) before_verdict();
        if (credentials.secret == "atlas_all") {
            return Principal{kDefaultTenant, "default", Scopes(Scope::admin)};
        }
        if (credentials.secret == "atlas_read") {
            return Principal{kDefaultTenant, "default", Scopes(Scope::read)};
        }
        if (credentials.secret == "atlas_throws") throw std::runtime_error("no database");
        return failure(problem("invalid_token", 401, "Invalid token", "No such token."));
    }
    std::function<void()> before_verdict;  // set before the first request
};

inline ServerOptions test_options() {
    return {.host = "127.0.0.1",
            .port = 0,
            .io_threads = 2,
            .handler_threads = 8,
            .slow_threads = 2,
            .auth_threads = 4,
            .body_bytes = std::size_t{32} << 20U,
            .drain_delay = std::chrono::milliseconds{0},
            .readiness = nullptr};
}

struct TestServer {
    // `adjust` changes the options before the start.
    explicit TestServer(std::vector<Route> routes,
                        const std::function<void(ServerOptions&)>& adjust = {}) {
        ServerOptions options = test_options();
        options.readiness = &readiness;
        if (adjust) adjust(options);
        server.emplace(options, std::move(routes), authenticator, registry);
        if (const auto started = server->start(); !started) {
            throw std::runtime_error(started.error());
        }
    }
    std::uint16_t port() const { return server->port(); }

    observe::Registry registry;
    Readiness readiness;
    TwoSecrets authenticator;
    std::optional<Server> server;
};

// "GET /path HTTP/1.1" with Host, further header lines (each ended by CRLF) and a body.
inline std::string request_text(std::string_view method_and_target, std::string_view headers = "",
                                std::string_view body = "") {
    std::string out = std::string(method_and_target) + " HTTP/1.1\r\nHost: localhost\r\n";
    out += headers;
    if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    out += "\r\n";
    out += body;
    return out;
}

}  // namespace atlas::http
