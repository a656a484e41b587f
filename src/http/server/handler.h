// SPDX-License-Identifier: Apache-2.0
//
// The boundary between the server and what it serves: a request as handlers see it (decoded,
// authenticated), a response, and the two kinds of handler.
//
//     socket → server → decode, authenticate → [Handler] → encode → socket
//
// Threading  a request and its response belong to the thread that works on them, and are handed on
//            whole. A handler is called from several threads at once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace atlas::http {

enum class Scope : std::uint8_t { none, read, write, admin };  // admin includes read and write

struct Request {
    std::string method;
    std::string path;    // percent-decoded parts, see params
    std::string target;  // path and query as sent; empty where they may hold credentials
    std::vector<std::string> segments;                         // decoded values of {…} in the route
    std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;                                          // decoded (gzip, zstd)
    std::string content_type;                                  // without parameters, in lower case
    TenantId tenant{};
    std::string tenant_name;
    bool tenant_by_name = false;  // the client chose it; else it is that of the token
    bool admin = false;           // the token has scope admin, whatever the route asks for
    std::string request_id;
    Time received_at;
    // The last byte came then or later. Deadlines count from here: what the server made the client
    // wait for before it read the body is not added to them.
    std::chrono::steady_clock::time_point arrived_at;

    // Of a route that can be cancelled: stops when the client closes its connection.
    std::stop_token gone = {};

    const std::string* query_value(std::string_view name) const;
    const std::string* header(std::string_view lower_case_name) const;
};

// A body that comes piece by piece, in chunked coding.
class BodyStream {
public:
    BodyStream() = default;
    BodyStream(const BodyStream&) = delete;
    BodyStream& operator=(const BodyStream&) = delete;
    virtual ~BodyStream() = default;
    // Replaces `piece` by the next bytes, at least one; false: the body is complete. May block; one
    // call at a time, each on any worker. When it throws, the response ends without its last chunk,
    // so the client can tell that it is not complete.
    virtual bool next(std::string& piece) = 0;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    std::shared_ptr<BodyStream> stream = {};  // in place of `body`
    // How much of its handler's time the source of the data took, for Server-Timing; nullopt: all.
    std::optional<std::chrono::steady_clock::duration> queried = std::nullopt;
};

// Runs on a thread that may block (on a database session of its own pool).
using Handler = std::function<Response(const Request&)>;
// Must not block; calls `respond` once, from any thread.
using AsyncHandler = std::function<void(Request&&, std::function<void(Response)> respond)>;

// Has another process respond to a request; nullopt: it is this one's.
using Forward = std::function<std::optional<Response>(const Request&)>;

// One {…} segment matches one percent-encoded segment: "/v1/entities/{entity}".
struct Route {
    std::string method;
    std::string pattern;
    Scope scope = Scope::read;
    std::vector<std::string> parameters = {};  // known query parameters; others are 400
    Handler handler = {};                      // one of the two
    AsyncHandler async_handler = {};
    // Also takes the token as clients of InfluxDB send it; see parse_influx_credentials().
    bool influx_credentials = false;
    bool cancellable = false;  // Request::gone tells its handler that the client has gone
    bool slow = false;  // may take many seconds: has worker threads that others do not wait for
};

}  // namespace atlas::http
