// SPDX-License-Identifier: Apache-2.0
//
// The HTTP server: sockets, limits, decoding, authentication, routing, and an orderly end.
//
//     sockets → [Server] → Handler, AsyncHandler → [Server] → sockets
//
// Connections live on a few io threads that never block; handlers that may block run on a bounded
// pool of workers. Connections, queued handlers and bytes in flight are limited; at a limit the
// response is 503 overloaded with Retry-After, and nothing was stored.
//
// Lifetime   constructed, start()ed, drain()ed, stop()ped. AsyncHandlers must have given all their
//            responses before the registry goes away.
// Threading  start, drain and stop from one thread; the rest from any.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/server/auth.h"
#include "http/server/handler.h"
#include "http/server/readiness.h"
#include "observe/metrics.h"

namespace atlas::http {

struct ServerOptions {
    // What the program chooses or its configuration says: without defaults here.
    std::string host;
    std::uint16_t port;  // 0: a free one
    std::size_t io_threads;
    std::size_t handler_threads;
    std::size_t slow_threads;               // of slow routes, and of bodies made piece by piece
    std::size_t auth_threads;               // verify credentials that are not known from memory
    std::size_t body_bytes;                 // of one body, decoded
    std::chrono::milliseconds drain_delay;  // not ready, but serving
    Readiness* readiness;                   // told when draining begins; may be nullptr

    // Limits that are not configurable; tests lower them.
    std::size_t handler_queue = 512;
    std::chrono::milliseconds auth_timeout{3000};  // then 503: a write gets its response within 4 s
    std::size_t connections = 8192;
    std::size_t header_bytes = std::size_t{16} << 10U;
    // Of all, while they are worked on; at least what one body takes.
    std::size_t bodies_in_flight_bytes = std::size_t{128} << 20U;
    std::size_t answers_in_flight_bytes = std::size_t{128} << 20U;  // of all, until they are read
    std::chrono::milliseconds idle_timeout{75'000};                 // between requests
    std::chrono::milliseconds header_timeout{10'000};  // from a header's first byte to its last
    // A body may take this long and a second more for every `body_bytes_per_second`.
    std::chrono::milliseconds body_timeout{10'000};
    std::size_t body_bytes_per_second = 8192;
    std::chrono::milliseconds write_timeout{30'000};  // for each 256 KiB of a response
    std::chrono::milliseconds drain_timeout{15'000};  // for requests in flight, after drain_delay
};

class Core;  // what connections share

class Server {
public:
    Server(ServerOptions options, std::vector<Route> routes, Authenticator& authenticator,
           observe::Registry& registry);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Listens and serves. The error is one line that says what to do.
    Result<void, std::string> start();
    // The port listened on, once started.
    std::uint16_t port() const;
    const std::vector<Route>& routes() const;

    // No longer ready; serves for drain_delay; closes the listener and idle connections; waits for
    // the requests in flight. Blocks, at most for drain_delay and drain_timeout.
    void drain();
    // Cuts drain_delay short. Any thread.
    void hurry();
    // Closes everything and joins. After it no handler runs.
    void stop();

private:
    class Listener;
    std::shared_ptr<Core> core_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace atlas::http
