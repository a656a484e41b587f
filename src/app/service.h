// SPDX-License-Identifier: Apache-2.0
//
// A role of a process: what `atlas serve --roles` names, with a beginning, an end and a state.
//
//     up, serve → add_roles() → Services → [Service] → gateway, jobs, stream, analytics, index
//
// Lifetime   start() once, stop() once after it; the destructor undoes a start that failed.
// Threading  start() and stop() from one thread; hurry() and status() from any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/routes/ops/check.h"
#include "http/routes/ops/status.h"

namespace atlas::app {

inline constexpr const char* kGatewayRole = "gateway";
inline constexpr const char* kJobsRole = "jobs";
inline constexpr const char* kStreamRole = "stream";
inline constexpr const char* kAnalyticsRole = "analytics";
inline constexpr const char* kIndexRole = "index";
// What listens in a process with the role analytics and without the role gateway.
inline constexpr const char* kListener = "http";

class Service {
public:
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    virtual ~Service() = default;

    // Works when it returns. Throws StartupError.
    virtual void start() = 0;
    // Ends what was begun, in order, and blocks for as long as that takes.
    virtual void stop() = 0;
    // Cuts short what stop() does for the convenience of others.
    virtual void hurry() {}
    // As /v1/status shows it, under the name of the role. From memory; does not block.
    virtual http::StatusPart status() const = 0;
    // What follows the log here, in the direction of the data. As status().
    virtual std::vector<http::StatusPart> stages() const { return {}; }
    // Has the follower of that name, or all for an empty one, forget its data and start over from
    // the database, soon; returns the names of those that will. From any thread; does not block.
    virtual std::vector<std::string> rebuild(std::string_view /*follower*/) { return {}; }
    // Compares the store of this service with history, soon, and how the last one went. From any
    // thread; do not block.
    virtual http::CheckStart check(const http::StoreCheck& /*check*/) {
        return http::CheckStart::no_store;
    }
    virtual std::optional<http::StoreReport> checked() const { return std::nullopt; }
};

}  // namespace atlas::app
