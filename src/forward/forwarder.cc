// SPDX-License-Identifier: Apache-2.0
#include "forward/forwarder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "client/http_client.h"
#include "http/server/problem.h"

namespace atlas::forward {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kForwarded = "x-atlas-forwarded";

// Who asks, and what for. The body is decoded already, and its response is encoded here.
constexpr std::array<std::string_view, 5> kPassedOn{"authorization", "x-atlas-tenant", "accept",
                                                    "content-type", "x-consistency-token"};
// What each connection, or each server, says for itself.
constexpr std::array<std::string_view, 11> kOwn{"connection",
                                                "keep-alive",
                                                "transfer-encoding",
                                                "content-length",
                                                "content-type",
                                                "date",
                                                "server",
                                                "server-timing",
                                                "x-request-id",
                                                "cache-control",
                                                "x-content-type-options"};

// A response of up to that size is passed on whole, so that it can be compressed.
constexpr std::uint64_t kWholeBytes = std::uint64_t{16} << 20U;

client::Request passed_on(const Request& request) {
    client::Request out{.method = request.method,
                        .target = request.target,
                        .body = request.body,
                        .stop = request.gone};
    for (const std::string_view name : kPassedOn) {
        if (const std::string* value = request.header(name)) {
            out.headers.emplace_back(name, *value);
        }
    }
    out.headers.emplace_back("x-request-id", request.request_id);
    out.headers.emplace_back(kForwarded, "1");
    return out;
}

Response unavailable(const std::string& detail) {
    return http::with_retry_after(
        http::problem("analytics_unavailable", 503, "Analytics unavailable", detail));
}

class ForwardedBody final : public http::BodyStream {
public:
    explicit ForwardedBody(client::ResponseStream stream) : stream_(std::move(stream)) {}
    bool next(std::string& piece) override {
        const auto more = stream_.next(piece);
        if (!more) throw std::runtime_error("forwarded response: " + more.error().detail);
        return *more;
    }

private:
    client::ResponseStream stream_;
};

Result<std::string, client::TransportError> whole_body(client::ResponseStream& stream) {
    std::string body;
    std::string piece;
    for (;;) {
        const auto more = stream.next(piece);
        if (!more) return failure(more.error());
        if (!*more) return body;
        body += piece;
    }
}

Result<Response, client::TransportError> passed_back(client::ResponseStream stream) {
    const client::Response& head = stream.head();
    Response response{.status = head.status,
                      .content_type = std::string(head.header("content-type"))};
    for (const auto& [name, value] : head.headers) {
        if (std::ranges::find(kOwn, name) == kOwn.end()) response.headers.emplace_back(name, value);
    }
    const auto length = stream.length();
    if (head.ok() && (!length || *length > kWholeBytes)) {
        response.stream = std::make_shared<ForwardedBody>(std::move(stream));
        return response;
    }
    auto body = whole_body(stream);
    if (!body) return failure(std::move(body.error()));
    response.body = std::move(*body);
    return response;
}

Result<Response, client::TransportError> ask(const Request& request, client::Options options) {
    auto stream = client::HttpClient(std::move(options)).open(passed_on(request));
    if (!stream) return failure(std::move(stream.error()));
    return passed_back(std::move(*stream));
}

}  // namespace

Forwarder::Forwarder(ForwardOptions options, observe::Registry& registry)
    : options_(std::move(options)),
      failures_(registry, "atlas_forward_failures_total",
                "Requests that the process with the analytics store did not answer.",
                observe::Level::warning) {
}

Response Forwarder::forward(const Request& request) {
    struct Waiting {
        explicit Waiting(std::atomic<int>& all) : count(all), now(++all) {}
        ~Waiting() { --count; }
        std::atomic<int>& count;
        const int now;
    };
    const Waiting waiting(waiting_);
    if (waiting.now <= options_.most_waiting) return pass_on(request);
    return unavailable(
        fmt::format("{} questions already wait for the process with the analytics store. Retry "
                    "later.",
                    options_.most_waiting));
}

std::optional<Response> Forwarder::look(const Request& request,
                                        std::chrono::milliseconds limit) const {
    if (request.header(kForwarded) != nullptr) return std::nullopt;
    const auto url = options_.find(false);
    if (!url) return std::nullopt;
    auto response =
        ask(request, {.url = *url, .connect_timeout = limit, .response_timeout = limit});
    return response ? std::optional(std::move(*response)) : std::nullopt;
}

Response Forwarder::pass_on(const Request& request) {
    if (request.header(kForwarded) != nullptr) {
        return unavailable(
            "The process that should have the analytics store has none; retry "
            "later, or set analytics.url to the one that has it.");
    }
    std::string tried;
    std::string failed;
    for (const bool again : {false, true}) {
        const auto url = options_.find(again);
        if (!url || *url == tried) break;
        tried = *url;
        auto response = ask(request, {.url = *url,
                                      .connect_timeout = options_.connect_timeout,
                                      .response_timeout = options_.response_timeout});
        if (response) return std::move(*response);
        failed = response.error().detail;
        if (response.error().code == client::TransportErrc::cancelled) return unavailable(failed);
        // Anything else may have begun over there, and takes its time.
        if (response.error().code != client::TransportErrc::unreachable) break;
    }
    if (failed.empty()) {
        return unavailable(
            "No process here has an analytics store. Start one with the role "
            "analytics.");
    }
    failures_.report("the process with the analytics store does not answer: {}", failed);
    return unavailable(
        fmt::format("The process with the analytics store does not answer ({}). "
                    "Retry later.",
                    failed));
}

}  // namespace atlas::forward
