// SPDX-License-Identifier: Apache-2.0
//
// The gateway role: HTTP in front, one PostgreSQL behind. The same under `atlas up` and
// `atlas serve`.
//
//     up, serve → [Gateway] → Server, Ingester, routes, jobs → PostgreSQL
//
// Lifetime   start() once; stop() once. Everything in it outlives the answers it owes.
// Threading  start() and stop() from one thread; hurry() from any.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "app/listen.h"
#include "config/config.h"
#include "http/server/handler.h"
#include "observe/metrics.h"

namespace atlas::app {

struct GatewayOptions {
    ListenAddress listen;
    std::string conninfo;             // reads, writes, tokens
    std::string owner_conninfo = {};  // jobs drop partitions, refresh views; empty: conninfo
    bool auth_off = false;
    std::string psql = {};  // a shell command for the database, where one can be known
    std::chrono::milliseconds drain_delay{0};
};

class Gateway {
public:
    Gateway(GatewayOptions options, const config::Config& config, observe::Registry& registry);
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    ~Gateway();

    // Serves when it returns. Throws StartupError.
    void start();
    std::string url() const;
    const std::vector<http::Route>& routes() const;  // of the started server
    // Drains: not ready, serves on for drain_delay, then answers what it owes and closes.
    void stop();
    // Cuts the delay of stop() short.
    void hurry();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

// The listen address and whether requests need no token, from the options. `up` is the command
// that may leave authentication off by default. Throws ConfigError.
GatewayOptions gateway_options(const config::Config& config, std::string conninfo, bool up);

}  // namespace atlas::app
