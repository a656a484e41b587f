// SPDX-License-Identifier: Apache-2.0
//
// Passes a request on to the process that can answer it, and its response back.
//
//     Request → [Forwarder] → HttpClient → the process at the address → Response
//
// The credentials, the tenant and what the request demands go along, so the other process decides
// for itself who asks and what may be seen. When the client goes away the connection closes, which
// cancels the work over there. A request is passed on once: one that comes back is refused.
//
// Lifetime   as long as requests and the bodies of their responses; the registry outlives it.
// Threading  any thread; forward() blocks until the response begins, at most for the time limit.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "http/server/handler.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace atlas::forward {

struct ForwardOptions {
    // Where the process is; nullopt: there is none. `again`: at the last address nothing answers.
    std::function<std::optional<std::string>(bool again)> find;
    std::chrono::milliseconds connect_timeout{2000};
    std::chrono::milliseconds response_timeout{35'000};  // for each part of a response
    // Requests that wait at once; each takes a thread that others want, too.
    int most_waiting = 16;
};

class Forwarder {
public:
    Forwarder(ForwardOptions options, observe::Registry& registry);

    // 503 analytics_unavailable where no process is found, the one that is does not answer, or too
    // many wait for it.
    http::Response forward(const http::Request& request);
    // The response to a request that is worth no more than `limit`; nullopt: there is none.
    std::optional<http::Response> look(const http::Request& request,
                                       std::chrono::milliseconds limit) const;

private:
    http::Response pass_on(const http::Request& request);

    const ForwardOptions options_;
    observe::Event failures_;
    std::atomic<int> waiting_{0};
};

}  // namespace atlas::forward
