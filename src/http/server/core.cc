// SPDX-License-Identifier: Apache-2.0
#include "http/server/core.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "http/server/coding.h"

namespace atlas::http {
namespace {

std::uint64_t random_start() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

// The largest body that is allowed must fit, or every attempt to send it would get 503.
ServerOptions with_room_for_one(ServerOptions options) {
    options.bodies_in_flight_bytes =
        std::max(options.bodies_in_flight_bytes, options.body_bytes + BodyDecoder::kMostMemory);
    return options;
}

}  // namespace

RouteMetrics::RouteMetrics(observe::Registry& registry, const std::string& method,
                           const std::string& route)
    : latency_(registry, "atlas_http_request_duration_seconds",
               "From the last byte of the request to the first of its response.",
               {{"method", method}, {"route", route}}) {
    for (int i = 1; i <= 5; ++i) {
        by_class_.emplace_back(
            registry, "atlas_http_requests_total", "Responses by route and status class.",
            observe::Labels{
                {"method", method}, {"route", route}, {"status", fmt::format("{}xx", i)}});
    }
}

void RouteMetrics::record(int status, std::chrono::steady_clock::duration took) {
    by_class_.at(static_cast<std::size_t>(status / 100 - 1)).add();
    latency_.observe(took);
}

Core::Core(ServerOptions given, std::vector<Route> routes, Authenticator& verifier,
           observe::Registry& registry)
    : options(with_room_for_one(std::move(given))),
      router(std::move(routes)),
      authenticator(verifier),
      workers(options.handler_threads, options.handler_queue),
      slow_workers(options.slow_threads, options.handler_queue),
      verifiers(options.auth_threads, options.handler_queue),
      bodies(options.bodies_in_flight_bytes),
      answers(options.answers_in_flight_bytes),
      received_bytes(registry, "atlas_http_received_bytes_total",
                     "Bytes of request bodies, as sent."),
      sent_bytes(registry, "atlas_http_sent_bytes_total", "Bytes of responses."),
      handler_failures(registry, "atlas_http_handler_failures_total",
                       "Requests that failed with 500 because a handler threw.",
                       observe::Level::error),
      overloads(registry, "atlas_http_overloads_total",
                "Requests and connections refused because a limit was reached.",
                observe::Level::warning),
      broken_requests(registry, "atlas_http_broken_requests_total",
                      "Requests that could not be parsed, were truncated, too large or too slow.",
                      observe::Level::debug),
      connections_metric_(registry, "atlas_http_open_connections", "Open connections.",
                          [this] { return static_cast<double>(connections.load()); }),
      bodies_metric_(registry, "atlas_http_bodies_in_flight_bytes",
                     "Bytes of request bodies being read or processed.",
                     [this] { return static_cast<double>(bodies.taken()); }),
      queue_metric_(
          registry, "atlas_http_handler_queue_length", "Requests waiting for a worker thread.",
          [this] { return static_cast<double>(workers.queued() + slow_workers.queued()); }),
      auth_queue_metric_(registry, "atlas_http_auth_queue_length",
                         "Requests waiting for their credentials to be verified.",
                         [this] { return static_cast<double>(verifiers.queued()); }),
      last_request_id_(random_start()) {
    for (const Route& route : router.routes()) {
        route_metrics_.emplace_back(registry, route.method, route.pattern);
    }
    route_metrics_.emplace_back(registry, "any", "none");
}

Core::InFlight::~InFlight() {
    if (core_.in_flight.fetch_sub(1) == 1 && core_.closing) {
        const std::scoped_lock lock(core_.idle_mutex_);
        core_.idle_.notify_all();
    }
}

void Core::disconnected() {
    if (connections.fetch_sub(1) == 1 && closing) {
        const std::scoped_lock lock(idle_mutex_);
        idle_.notify_all();
    }
}

bool Core::wait_until_unconnected(std::chrono::milliseconds timeout) {
    std::unique_lock lock(idle_mutex_);
    return idle_.wait_for(lock, timeout, [this] { return connections == 0; });
}

bool Core::wait_until_idle(std::chrono::milliseconds timeout) {
    std::unique_lock lock(idle_mutex_);
    return idle_.wait_for(lock, timeout, [this] { return in_flight == 0; });
}

std::string Core::next_request_id() {
    // A multiplicative step: ids of one process differ, and do not look like a count.
    return fmt::format("{:016x}", last_request_id_.fetch_add(0x9E3779B97F4A7C15ULL));
}

}  // namespace atlas::http
