// SPDX-License-Identifier: Apache-2.0
#include "client/connection.h"

#include <fmt/format.h>

#include "base/descriptor.h"
#include "base/version.h"

namespace atlas::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

}  // namespace

WireRequest to_wire(const Request& request, const Options& options, const Url& url) {
    WireRequest out;
    out.version(11);
    out.method_string(request.method);
    out.target(url.path + std::string(request.target));
    out.set(http::field::host, url.authority());
    out.set(http::field::user_agent, fmt::format("atlas/{}", version()));
    if (!options.token.empty()) out.set(http::field::authorization, "Bearer " + options.token);
    if (!options.tenant.empty()) out.set("X-Atlas-Tenant", options.tenant);
    if (!request.content_type.empty()) {
        out.set(http::field::content_type, std::string(request.content_type));
    }
    for (const auto& [name, value] : request.headers) out.set(name, value);
    out.body() = {request.body.data(), request.body.size()};
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
        out.content_length(request.body.size());
    }
    return out;
}

Response to_head(const http::response_header<>& header) {
    Response out;
    out.status = static_cast<int>(header.result_int());
    for (const auto& field : header) {
        std::string name(field.name_string());
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        out.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    return out;
}

TransportError to_error(TransportErrc code, const boost::system::error_code& error,
                        const std::string& url, const std::stop_token& stop) {
    if (stop.stop_requested()) return {TransportErrc::cancelled, url + ": cancelled"};
    const bool late = error == beast::error::timeout;
    return {late && code != TransportErrc::unreachable ? TransportErrc::timed_out : code,
            fmt::format("{}: {}", url, late ? "no response in time" : error.message())};
}

Result<Url, TransportError> url_of(const Options& options) {
    if (auto url = parse_url(options.url)) return *std::move(url);
    return failure(TransportError{
        TransportErrc::bad_url,
        fmt::format("\"{}\" is not an HTTP address such as http://127.0.0.1:8470", options.url)});
}

Connection::Error Connection::connect(const Url& url, std::chrono::milliseconds timeout,
                                      const std::stop_token& stop) {
    Error result;
    asio::ip::tcp::resolver resolver(context_);
    const auto endpoints = resolver.resolve(url.host, url.port, result);
    if (result) return result;
    stream_.expires_after(timeout);
    stream_.async_connect(endpoints, [&](Error error, const auto&) { result = error; });
    run(stop);
    if (result) return result;
    close_on_exec(stream_.socket().native_handle());
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), result);
    return result;
}

// The socket is closed on the thread that runs the operation: a socket is no object for two.
void Connection::run(const std::stop_token& stop) {
    context_.restart();
    const std::stop_callback close(stop,
                                   [this] { asio::post(context_, [this] { stream_.close(); }); });
    context_.run();
}

}  // namespace atlas::client
