// SPDX-License-Identifier: Apache-2.0
//
// One request and its response, without the socket: what the header promises, the checks before the
// body is read, the body as it arrives, the head of the response. Beast-free, so that tests and the
// connection run the same code.
//
//     head → [Exchange: admit → body → request → response] → bytes
//
// Lifetime   one per request; borrows the core.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server/coding.h"
#include "http/server/core.h"

namespace atlas::http {

struct RequestHead {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in order
    int version = 11;                                          // 10 or 11
    bool keep_alive = true;
    std::optional<std::uint64_t> content_length;  // nullopt: chunked, or no body
};

class Exchange {
public:
    Exchange(Core& core, RequestHead head);

    // The checks that need nothing but the head, in this order: syntax, site, route, query
    // parameters, declared size, coding. A response refuses.
    std::optional<Response> inspect();
    // Credentials as the head gives them; not needed where the route is open to all.
    bool needs_principal() const { return route().scope != Scope::none; }
    const Credentials& credentials() const { return credentials_; }
    std::optional<Response> admit(const AuthResult& verdict);
    // The body may have come while the verdict was waited for: that time is the client's.
    void was_kept_waiting(std::chrono::steady_clock::duration time) { kept_waiting_ = time; }

    bool expects_continue() const;
    // One piece of the body; a response refuses.
    std::optional<Response> take_body(std::string_view chunk);
    std::optional<Response> end_body();

    const Route& route() const { return core_.router.routes()[match_.index]; }
    const Request& request() const { return request_; }
    const std::string& request_id() const { return request_id_; }
    void set_gone(std::stop_token gone) { request_.gone = std::move(gone); }
    // Whether the response may be sent in chunks; else its end is that of the connection.
    bool takes_chunks() const { return head_.version == 11; }
    Request&& take_request() { return std::move(request_); }
    RequestHead& head() { return head_; }

    // For Server-Timing: the request is admitted; its handler begins.
    void routed() { routed_at_ = Clock::now(); }
    void handling() { handling_at_ = Clock::now(); }

    // What the handler responded: compresses the body if that was asked for and is worth it. May
    // take milliseconds.
    void encode(Response& response);
    // Status line and headers, including those of every response.
    std::string head_of(const Response& response, bool keep_alive) const;
    bool wants_body(const Response& response) const;
    void record(const Response& response);
    // The request has been worked on: its body and its share of the budget are let go.
    void release_body();

private:
    using Clock = std::chrono::steady_clock;
    using Instant = Clock::time_point;

    std::optional<Response> parse();
    std::optional<Response> find_route();
    std::optional<Response> check_parameters() const;
    std::optional<Response> prepare_body();
    std::optional<Response> refuse_body(DecodeStatus status);
    const std::string& header(std::string_view name) const;
    void append_timing(std::string& out) const;

    Core& core_;
    RequestHead head_;
    Request request_;
    Credentials credentials_;
    Router::Match match_;
    bool routed_ = false;
    bool is_api_ = false;     // under /v1
    std::string request_id_;  // kept here too: the request moves into its handler
    std::string accept_encoding_;
    std::unique_ptr<BodyDecoder> decoder_;
    ByteBudget::Share share_;
    Clock::duration kept_waiting_{};
    Instant began_at_ = Clock::now();
    Instant body_ended_at_ = began_at_;
    std::optional<Instant> routed_at_;
    std::optional<Instant> handling_at_;
    Clock::duration queried_{};
    Clock::duration encoded_{};
};

Response overloaded(std::string_view what);

}  // namespace atlas::http
