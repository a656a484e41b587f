// SPDX-License-Identifier: Apache-2.0
//
// Beast's timeouts work on asynchronous operations only, so every step starts one and runs the
// private io_context until it is done.
#include "client/http_client.h"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>

#include "base/descriptor.h"
#include "base/version.h"
#include "client/url.h"

namespace atlas::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

bool is_repeatable(const Request& request) {
    return request.method != "POST" || request.target.starts_with("/v1/telemetry") ||
           request.target.starts_with("/write") || request.target.starts_with("/api/v2/write");
}

http::request<http::span_body<const char>> to_beast(const Request& request, const Options& options,
                                                    const Url& url) {
    http::request<http::span_body<const char>> out;
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

constexpr std::size_t kPartBytes = std::size_t{64} << 10U;

Response from_beast(const http::response<http::empty_body>& response) {
    Response out;
    out.status = static_cast<int>(response.result_int());
    for (const auto& field : response) {
        std::string name(field.name_string());
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        out.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    return out;
}

}  // namespace

std::string_view Response::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) return value;
    }
    return {};
}

std::optional<std::chrono::seconds> Response::retry_after() const {
    const auto text = header("retry-after");
    int seconds = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || at != text.data() + text.size() || seconds < 0) return std::nullopt;
    return std::chrono::seconds{seconds};
}

struct HttpClient::Connection {
    // Beast reads as much at once as the buffer has room for.
    Connection() : stream(context) { buffer.reserve(std::size_t{1} << 16U); }

    // Runs the operation that was just started to its end.
    error_code run(const error_code& result) {
        context.restart();
        context.run();
        return result;
    }

    error_code connect(const Url& url, std::chrono::milliseconds timeout) {
        error_code result;
        asio::ip::tcp::resolver resolver(context);
        const auto endpoints = resolver.resolve(url.host, url.port, result);
        if (result) return result;
        stream.expires_after(timeout);
        stream.async_connect(endpoints, [&](error_code error, const auto&) { result = error; });
        if (run(result)) return result;
        close_on_exec(stream.socket().native_handle());
        stream.socket().set_option(asio::ip::tcp::no_delay(true), result);
        return result;
    }

    template <class Message>
    error_code write(Message& message, std::chrono::milliseconds timeout) {
        error_code result;
        stream.expires_after(timeout);
        http::async_write(stream, message, [&](error_code error, std::size_t) { result = error; });
        return run(result);
    }

    error_code read_header(http::response_parser<http::empty_body>& parser) {
        error_code result;
        http::async_read_header(stream, buffer, parser,
                                [&](error_code error, std::size_t) { result = error; });
        return run(result);
    }

    error_code read_body(http::response_parser<http::empty_body>&& header, std::size_t limit,
                         std::string& body) {
        http::response_parser<http::string_body> parser(std::move(header));
        parser.body_limit(limit);
        error_code result;
        http::async_read(stream, buffer, parser,
                         [&](error_code error, std::size_t) { result = error; });
        if (!run(result)) body = std::move(parser.get().body());
        return result;
    }

    // Reads what has arrived, at least something.
    error_code read_some(http::response_parser<http::buffer_body>& parser,
                         std::chrono::milliseconds timeout) {
        error_code result;
        stream.expires_after(timeout);
        http::async_read_some(stream, buffer, parser,
                              [&](error_code error, std::size_t) { result = error; });
        run(result);
        return result == http::error::need_buffer ? error_code() : result;
    }

    error_code read_parts(http::response_parser<http::buffer_body>& parser, const Sink& sink,
                          std::chrono::milliseconds timeout) {
        if (parser.need_eof()) return http::error::partial_message;
        std::vector<char> part(kPartBytes);
        auto& body = parser.get().body();
        while (!parser.is_done()) {
            body.data = part.data();
            body.size = part.size();
            if (const auto error = read_some(parser, timeout)) return error;
            sink({part.data(), part.size() - body.size});
        }
        return {};
    }

    asio::io_context context{1};
    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    bool response_started = false;  // bytes of the latest response were seen
};

HttpClient::HttpClient(Options options) : options_(std::move(options)) {
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<Response, TransportError> HttpClient::send(const Request& request) {
    const bool reused = connection_ != nullptr;
    auto response = attempt(request, nullptr);
    if (response) return response;
    const bool started = connection_ && connection_->response_started;
    connection_.reset();
    if (!reused || started || response.error().code != TransportErrc::broken) return response;
    if (!is_repeatable(request)) return response;
    response = attempt(request, nullptr);
    if (!response) connection_.reset();
    return response;
}

Result<Response, TransportError> HttpClient::receive(const Request& request, const Sink& sink) {
    connection_.reset();
    HttpClient once(options_);
    return once.attempt(request, &sink);
}

Result<Response, TransportError> HttpClient::attempt(const Request& request, const Sink* sink) {
    const auto url = parse_url(options_.url);
    if (!url) {
        return failure(TransportError{
            TransportErrc::bad_url,
            fmt::format("\"{}\" is not an HTTP address such as http://127.0.0.1:8470",
                        options_.url)});
    }
    const auto fail = [&](TransportErrc code, const error_code& error) {
        const bool late = error == beast::error::timeout;
        return failure(TransportError{
            late && code != TransportErrc::unreachable ? TransportErrc::timed_out : code,
            fmt::format("{}: {}", options_.url, late ? "no response in time" : error.message())});
    };
    if (!connection_) {
        connection_ = std::make_unique<Connection>();
        if (const auto error = connection_->connect(*url, options_.connect_timeout)) {
            return fail(TransportErrc::unreachable, error);
        }
    }
    Connection& connection = *connection_;
    connection.response_started = false;
    auto message = to_beast(request, options_, *url);
    const auto write_error = connection.write(message, options_.response_timeout);
    // A server that refuses a body may respond and close before it has read it all: look for the
    // response in that case, too.
    http::response_parser<http::empty_body> header;
    header.body_limit(sink == nullptr
                          ? boost::make_optional(std::uint64_t{options_.max_response_bytes})
                          : boost::none);
    if (request.method == "HEAD") header.skip(true);
    auto read_error = connection.read_header(header);
    connection.response_started = header.got_some();
    if (read_error) return fail(TransportErrc::broken, write_error ? write_error : read_error);
    Response response = from_beast(header.get());
    const bool keep = header.get().keep_alive() && !write_error && sink == nullptr;
    if (sink != nullptr && response.ok()) {
        http::response_parser<http::buffer_body> parser(std::move(header));
        read_error = connection.read_parts(parser, *sink, options_.response_timeout);
    } else {
        read_error =
            connection.read_body(std::move(header), options_.max_response_bytes, response.body);
    }
    if (read_error) return fail(TransportErrc::broken, read_error);
    if (!keep) connection_.reset();
    return response;
}

}  // namespace atlas::client
