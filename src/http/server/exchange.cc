// SPDX-License-Identifier: Apache-2.0
#include "http/server/exchange.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/json_writer.h"
#include "http/server/problem.h"
#include "http/server/url.h"

namespace atlas::http {
namespace {

constexpr std::size_t kWorthCompressing = 1024;
constexpr std::size_t kMaxRequestId = 128;

const std::string kNone;

bool is_request_id(std::string_view id) {
    return !id.empty() && id.size() <= kMaxRequestId &&
           std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

std::string media_type(std::string_view content_type) {
    std::string type = lower(content_type.substr(0, content_type.find(';')));
    while (type.ends_with(' ')) type.pop_back();
    return type;
}

// Whether the head says how the body comes in a way that every reader takes alike: by its length,
// or as chunked, once and alone.
bool is_framed(const RequestHead& head) {
    std::size_t codings = 0;
    bool chunked = true;
    for (const auto& [name, value] : head.headers) {
        if (name != "transfer-encoding") continue;
        ++codings;
        chunked = chunked && lower(value) == "chunked";
    }
    return codings == 0 || (codings == 1 && chunked && head.version == 11);
}

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 204: return "No Content";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        default: return "Status";
    }
}

// Without the authority of an absolute target.
std::string own_target(std::string_view target) {
    if (target.starts_with('/')) return std::string(target);
    const auto path = target.find('/', target.find("://") + 3);
    return path == std::string_view::npos ? "/" : std::string(target.substr(path));
}

bool has_header(const Response& response, std::string_view name) {
    return std::ranges::any_of(response.headers,
                               [&](const auto& header) { return header.first == name; });
}

bool is_compressible(const Response& response) {
    return response.status != 204 && response.status != 304 &&
           response.body.size() > kWorthCompressing && !has_header(response, "Content-Encoding") &&
           !response.content_type.starts_with("image/") &&
           !response.content_type.starts_with("font/");
}

std::string describe(TargetError error) {
    switch (error) {
        case TargetError::bad_escape:
            return "A percent sign must be followed by two hexadecimal digits; write %25 for the "
                   "sign itself.";
        case TargetError::not_utf8: return "Path and parameters must be UTF-8, percent-encoded.";
        case TargetError::not_a_path: break;
    }
    return "The request target must be a path that begins with a slash.";
}

}  // namespace

Response overloaded(std::string_view what) {
    return with_retry_after(
        problem("overloaded", 503, "Overloaded", fmt::format("{}; retry later.", what)));
}

Exchange::Exchange(Core& core, RequestHead head)
    : core_(core), head_(std::move(head)), share_(core.bodies) {
    const std::string& id = header("x-request-id");
    request_id_ = is_request_id(id) ? id : core_.next_request_id();
    request_.request_id = request_id_;
    accept_encoding_ = header("accept-encoding");
}

const std::string& Exchange::header(std::string_view name) const {
    const auto found = std::ranges::find(
        head_.headers, name, [](const auto& field) -> std::string_view { return field.first; });
    return found == head_.headers.end() ? kNone : found->second;
}

std::optional<Response> Exchange::inspect() {
    if (auto refusal = parse()) return refusal;
    if (auto refusal = core_.authenticator.check_site(credentials_)) return refusal;
    if (auto refusal = find_route()) return refusal;
    if (auto refusal = check_parameters()) return refusal;
    return prepare_body();
}

std::optional<Response> Exchange::parse() {
    const bool framed = is_framed(head_);
    // Where such a body ends is not known, so nothing after it is taken for a request.
    if (!framed) head_.keep_alive = false;
    auto target = parse_target(head_.target);
    if (!target) {
        return problem("invalid_target", 400, "Invalid target", describe(target.error()));
    }
    const auto hosts =
        std::ranges::count(head_.headers, "host", &std::pair<std::string, std::string>::first);
    if (hosts > 1 || (hosts == 0 && head_.version == 11)) {
        return problem("invalid_host", 400, "Invalid Host", "Send exactly one Host header.");
    }
    if (!framed) {
        return problem("unsupported_transfer", 501, "Unsupported transfer",
                       "The only supported transfer coding is chunked, in HTTP/1.1.");
    }
    credentials_ = {.secret = parse_authorization(header("authorization")),
                    .tenant_name = header("x-atlas-tenant"),
                    .host = target->authority.empty() ? header("host") : target->authority,
                    .origin = header("origin")};
    request_.method = head_.method;
    request_.path = std::move(target->path);
    is_api_ = request_.path.starts_with("/v1/");
    request_.segments = std::move(target->segments);
    request_.query = std::move(target->query);
    request_.content_type = media_type(header("content-type"));
    return std::nullopt;
}

std::optional<Response> Exchange::find_route() {
    auto match = core_.router.match(head_.method, request_.segments);
    if (match) {
        match_ = std::move(*match);
        routed_ = true;
        request_.segments = std::move(match_.captures);
        if (route().influx_credentials) {
            credentials_.secret = parse_influx_credentials(header("authorization"), request_.query);
        } else {
            request_.target = own_target(head_.target);
        }
        return std::nullopt;
    }
    if (match.error().allow.empty()) {
        return problem("not_found", 404, "Not found", "No such route. See GET /openapi.yaml.");
    }
    Response response = problem("method_not_allowed", 405, "Method not allowed",
                                fmt::format("This path allows {}.", match.error().allow));
    response.headers.emplace_back("Allow", match.error().allow);
    return response;
}

std::optional<Response> Exchange::check_parameters() const {
    const auto& known = route().parameters;
    if (std::ranges::find(known, "*") != known.end()) return std::nullopt;
    for (std::size_t i = 0; i < request_.query.size(); ++i) {
        const std::string& name = request_.query[i].first;
        if (std::ranges::find(known, name) == known.end()) {
            std::string quoted;
            append_json_string(quoted, name);
            return problem(
                "unknown_parameter", 400, "Unknown parameter",
                fmt::format("Query parameter \"{}\" is unknown. This route takes {}.", name,
                            known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))),
                {{"parameter", quoted}});
        }
        for (std::size_t k = 0; k < i; ++k) {
            if (request_.query[k].first == name) {
                return invalid_parameter(
                    name, fmt::format("Query parameter \"{}\" is given more than once.", name));
            }
        }
    }
    return std::nullopt;
}

std::optional<Response> Exchange::prepare_body() {
    const auto coding = parse_content_encoding(header("content-encoding"));
    if (!coding) {
        Response response =
            problem("unsupported_encoding", 415, "Unsupported encoding",
                    fmt::format("Content-Encoding must be one of {}.", kAcceptedCodings));
        response.headers.emplace_back("Accept-Encoding", kAcceptedCodings);
        return response;
    }
    if (head_.content_length > core_.options.body_bytes) {
        return refuse_body(DecodeStatus::too_large);
    }
    decoder_ = BodyDecoder::make(*coding, core_.options.body_bytes);
    return std::nullopt;
}

std::optional<Response> Exchange::admit(const AuthResult& verdict) {
    if (!verdict) return verdict.error();
    if (!verdict->scopes.allow(route().scope)) {
        return problem(
            "missing_scope", 403, "Missing scope",
            fmt::format("This route requires a token with scope {}.", to_string(route().scope)));
    }
    request_.tenant = verdict->tenant;
    request_.tenant_name = verdict->tenant_name;
    request_.tenant_by_name = verdict->by_name;
    request_.admin = verdict->scopes.allow(Scope::admin);
    return std::nullopt;
}

bool Exchange::expects_continue() const {
    return head_.version == 11 && media_type(header("expect")) == "100-continue";
}

std::optional<Response> Exchange::refuse_body(DecodeStatus status) {
    if (status == DecodeStatus::ok) return std::nullopt;
    request_.body = {};
    if (status == DecodeStatus::corrupt) {
        return problem("invalid_encoding", 400, "Invalid encoding",
                       "The body does not match its Content-Encoding, or is truncated.");
    }
    return problem(
        "body_too_large", 413, "Body too large",
        fmt::format("The body exceeds {} bytes after decompression; send several smaller ones.",
                    core_.options.body_bytes));
}

std::optional<Response> Exchange::take_body(std::string_view chunk) {
    core_.received_bytes.add(chunk.size());
    if (!share_.grow_to(request_.body.size() + chunk.size() + decoder_->memory())) {
        core_.overloads.report("request bodies in flight reached {} bytes",
                               core_.options.bodies_in_flight_bytes);
        return overloaded("The server's request-body memory limit is reached");
    }
    const DecodeStatus status = decoder_->write(chunk, request_.body);
    if (!share_.grow_to(request_.body.size() + decoder_->memory())) {
        request_.body = {};
        core_.overloads.report("request bodies in flight reached {} bytes",
                               core_.options.bodies_in_flight_bytes);
        return overloaded("The server's request-body memory limit is reached");
    }
    return refuse_body(status);
}

std::optional<Response> Exchange::end_body() {
    auto refusal = refuse_body(decoder_->finish());
    decoder_.reset();
    body_ended_at_ = std::chrono::steady_clock::now();
    request_.headers = std::move(head_.headers);
    request_.received_at = now();
    request_.arrived_at = body_ended_at_ - kept_waiting_;
    return refusal;
}

void Exchange::encode(Response& response) {
    const auto took = Clock::now() - handling_at_.value_or(body_ended_at_);
    queried_ = std::min(response.queried.value_or(took), took);
    encoded_ = took - queried_;
    if (!is_compressible(response)) return;
    if (!has_header(response, "Vary")) response.headers.emplace_back("Vary", "Accept-Encoding");
    const Coding coding = negotiate(accept_encoding_);
    if (coding == Coding::identity || head_.method == "HEAD") return;
    const auto began = Clock::now();
    response.body = compress(coding, response.body);
    encoded_ += Clock::now() - began;
    response.headers.emplace_back("Content-Encoding", to_string(coding));
}

// What the handler's thread waited for comes after the body: while that arrives, the client waits
// for itself.
void Exchange::append_timing(std::string& out) const {
    const auto millis = [](Clock::duration time) {
        return std::chrono::duration<double, std::milli>(time).count();
    };
    auto to = std::back_inserter(out);
    fmt::format_to(to, "Server-Timing: route;dur={:.3f}",
                   millis(routed_at_.value_or(Clock::now()) - began_at_));
    if (handling_at_) {
        fmt::format_to(to, ", wait;dur={:.3f}, query;dur={:.3f}, encode;dur={:.3f}",
                       millis(*handling_at_ - body_ended_at_), millis(queried_), millis(encoded_));
    }
    out += "\r\n";
}

void Exchange::release_body() {
    request_.body = {};
    share_.give_back();
}

bool Exchange::wants_body(const Response& response) const {
    return head_.method != "HEAD" && response.status != 204 && response.status != 304;
}

std::string Exchange::head_of(const Response& response, bool keep_alive) const {
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(to, "HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", response.status,
                   reason_of(response.status), fmt::gmtime(std::time(nullptr)));
    if (response.status != 204) {
        if (response.stream && takes_chunks()) {
            out += "Transfer-Encoding: chunked\r\n";
        } else if (response.status != 304 && !response.stream) {
            fmt::format_to(to, "Content-Length: {}\r\n", response.body.size());
        }
        if (!response.content_type.empty()) {
            fmt::format_to(to, "Content-Type: {}\r\n", response.content_type);
        }
    }
    for (const auto& [name, value] : response.headers) {
        fmt::format_to(to, "{}: {}\r\n", name, value);
    }
    append_timing(out);
    if (!has_header(response, "Cache-Control") && is_api_) {
        out += "Cache-Control: no-store\r\n";
    }
    fmt::format_to(to, "X-Content-Type-Options: nosniff\r\nX-Request-Id: {}\r\n", request_id_);
    if (!keep_alive) {
        out += "Connection: close\r\n";
    } else if (head_.version == 10) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
    return out;
}

void Exchange::record(const Response& response) {
    RouteMetrics& metrics = routed_ ? core_.metrics_of(match_.index) : core_.metrics_of_unrouted();
    metrics.record(response.status, std::chrono::steady_clock::now() - body_ended_at_);
}

}  // namespace atlas::http
