// SPDX-License-Identifier: Apache-2.0
//
// The role `gateway`: HTTP in front, one PostgreSQL after it. The same under `atlas up` and
// `atlas serve`. Where a process has the role analytics without it, the part that answers
// analytical questions, for the gateways that pass them on.
//
//     up, serve → [Gateway] → Server, Ingester, routes → PostgreSQL
//                     └─► Forwarder → the process with the analytics store, where this one has none
//
// Lifetime   as Service. Everything in it outlives the responses it owes.
// Threading  as Service.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/listen.h"
#include "app/service.h"
#include "app/services.h"
#include "config/config.h"
#include "http/server/handler.h"

namespace atlas::app {

class Analytics;
class Index;

struct GatewayOptions {
    ListenAddress listen;
    std::string conninfo;             // reads, writes, tokens
    std::string owner_conninfo = {};  // of the roles jobs, stream and analytics; empty: conninfo
    std::filesystem::path analytics = {};  // folder of the analytics store
    std::string analytics_url = {};  // where others reach that store; empty: it says so itself
    bool analytics_only = false;     // no role gateway: what the store answers, and no more
    bool auth_off = false;
    std::string psql = {};  // a shell command for the database, where one can be known
    std::chrono::milliseconds drain_delay{0};
};

class Gateway final : public Service {
public:
    // `services` are all of the process, for /v1/status; they outlive it. `analytics` is the one
    // among them that answers analytical questions, `index` the one that answers from memory;
    // nullptr: none.
    Gateway(GatewayOptions options, const ProcessContext& process, const Services& services,
            Analytics* analytics = nullptr, Index* index = nullptr);
    ~Gateway() override;

    // Serves when it returns. Throws StartupError.
    void start() override;
    // Of the started server.
    std::string url() const;
    const std::vector<http::Route>& routes() const;
    // Drains: not ready, serves for drain_delay, then sends the responses it owes and closes.
    void stop() override;
    // Cuts drain_delay short.
    void hurry() override;
    http::StatusPart status() const override;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

// The listen address and whether requests require a token, from the options. Only `up` leaves
// authentication off by default. Throws ConfigError.
GatewayOptions gateway_options(const config::Config& config, std::string conninfo, bool up);

}  // namespace atlas::app
