// SPDX-License-Identifier: Apache-2.0
//
// How programs of ours talk to an Atlas: a small blocking HTTP/1.1 client with one connection, kept
// alive between calls.
//
//     command line, collector, benchmarks → [HttpClient] → any Atlas
//
// Lifetime   the connection opens with the first call, and again with the first call after it
//            broke.
// Threading  one thread at a time; a client per thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace atlas::client {

class Connection;

// Why there is no response. The request can be repeated after `unreachable`; after `timed_out` and
// `broken` only if repeating it is harmless, because the server may have done its work.
enum class TransportErrc : std::uint8_t {
    bad_url,      // not http://host[:port]; permanent
    unreachable,  // no connection, nothing was sent
    timed_out,    // no complete response in time
    broken,       // the connection ended, or what came is not HTTP
    cancelled,    // the caller asked for the end
};

struct TransportError {
    TransportErrc code{};
    std::string detail;  // a sentence for people, with the address
};

struct Options {
    std::string url = "http://127.0.0.1:8470";
    std::string token = {};   // sent as a Bearer token unless empty
    std::string tenant = {};  // sent as X-Atlas-Tenant unless empty
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds response_timeout{30000};  // for each step of sending and reading
    std::size_t max_response_bytes = std::size_t{256} << 20U;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string_view method = "GET";
    std::string_view target = "/";  // path and query, encoded
    std::string_view body = {};
    std::string_view content_type = {};  // of the body
    Headers headers = {};                // beyond those of the options
    std::stop_token stop = {};           // ends the call, and the connection with it
};

struct Response {
    int status = 0;
    Headers headers;  // names in lower case
    std::string body;

    bool ok() const { return status >= 200 && status < 300; }
    // Empty when absent.
    std::string_view header(std::string_view lower_case_name) const;
    // Retry-After in whole seconds; nullopt without one, or when it is no number.
    std::optional<std::chrono::seconds> retry_after() const;
};

// A response whose body comes piece by piece. Belongs to one thread at a time; its connection
// closes with it.
class ResponseStream {
public:
    ResponseStream(ResponseStream&&) noexcept;
    ResponseStream& operator=(ResponseStream&&) noexcept;
    ResponseStream(const ResponseStream&) = delete;
    ResponseStream& operator=(const ResponseStream&) = delete;
    ~ResponseStream();

    // Without its body.
    const Response& head() const { return head_; }
    // How long the body is, where the head says so.
    std::optional<std::uint64_t> length() const;
    // Replaces `piece` by the next bytes, at least one; false: the body is complete. `broken` also
    // when the body ends before its announced end, or without one being announced, which a cut one
    // would not show. Blocks for at most the response timeout.
    Result<bool, TransportError> next(std::string& piece);

private:
    friend class HttpClient;
    struct Reading;
    ResponseStream(std::unique_ptr<Reading> reading, Response head);

    std::unique_ptr<Reading> reading_;
    Response head_;
};

class HttpClient {
public:
    explicit HttpClient(Options options);
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Sends and waits for the whole response, whatever its status; blocks for at most the timeouts.
    // A kept connection that the server closed meanwhile is replaced once, silently, before
    // anything of a response was seen: for GET, HEAD, PUT, DELETE and telemetry, which are harmless
    // to repeat.
    Result<Response, TransportError> send(const Request& request);

    // The same for a body of any length: that of a 2xx response goes to `sink` in parts as they
    // arrive, as of open(), and the response has none. What `sink` throws passes through.
    using Sink = std::function<void(std::string_view part)>;
    Result<Response, TransportError> receive(const Request& request, const Sink& sink);

    // Sends over a connection of its own and waits for the head of the response.
    Result<ResponseStream, TransportError> open(const Request& request) const;

    const Options& options() const { return options_; }

private:
    Result<Response, TransportError> attempt(const Request& request);

    Options options_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace atlas::client
