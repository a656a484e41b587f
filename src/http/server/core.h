// SPDX-License-Identifier: Apache-2.0
//
// What all connections of a server share: options, routes, workers, budget, metrics, and whether
// the server is closing.
//
// Lifetime   shared by the server, its connections and every response still owed.
// Threading  any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/server/router.h"
#include "http/server/server.h"
#include "http/server/workers.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace atlas::http {

// Responses and latencies of one route.
class RouteMetrics {
public:
    RouteMetrics(observe::Registry& registry, const std::string& method, const std::string& route);
    void record(int status, std::chrono::steady_clock::duration took);

private:
    std::deque<observe::Counter> by_class_;  // 1xx … 5xx
    observe::Histogram latency_;
};

class Core {
public:
    Core(ServerOptions options, std::vector<Route> routes, Authenticator& authenticator,
         observe::Registry& registry);

    // One request that is read, handled or responded to; drain() waits for them.
    class InFlight {
    public:
        explicit InFlight(Core& core) : core_(core) { core_.in_flight.fetch_add(1); }
        ~InFlight();
        InFlight(const InFlight&) = delete;
        InFlight& operator=(const InFlight&) = delete;

    private:
        Core& core_;
    };
    // True when none was in flight at some moment before the timeout.
    bool wait_until_idle(std::chrono::milliseconds timeout);
    bool wait_until_unconnected(std::chrono::milliseconds timeout);
    void disconnected();

    Workers& workers_of(const Route& route) { return route.slow ? slow_workers : workers; }
    RouteMetrics& metrics_of(std::size_t route) { return route_metrics_[route]; }
    RouteMetrics& metrics_of_unrouted() { return route_metrics_.back(); }
    std::string next_request_id();

    const ServerOptions options;
    const Router router;
    Authenticator& authenticator;
    Workers workers;
    Workers slow_workers;
    Workers verifiers;  // of credentials, which must not wait for slow handlers
    ByteBudget bodies;
    ByteBudget answers;
    std::atomic<bool> closing{false};  // responses say Connection: close
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> in_flight{0};
    observe::Counter received_bytes;
    observe::Counter sent_bytes;
    observe::Event handler_failures;
    observe::Event overloads;
    observe::Event broken_requests;  // that could not be parsed, or were cut short or too slow

private:
    std::deque<RouteMetrics> route_metrics_;  // as the routes, and one more
    observe::Reading connections_metric_, bodies_metric_, queue_metric_, auth_queue_metric_;
    std::mutex idle_mutex_;
    std::condition_variable idle_;
    std::atomic<std::uint64_t> last_request_id_;
};

}  // namespace atlas::http
