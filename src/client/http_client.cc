// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.h"

#include <boost/none.hpp>
#include <charconv>

#include "client/connection.h"

namespace atlas::client {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kPieceBytes = std::size_t{1} << 16U;

bool is_repeatable(const Request& request) {
    return request.method != "POST" || request.target.starts_with("/v1/telemetry") ||
           request.target.starts_with("/write") || request.target.starts_with("/api/v2/write");
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

HttpClient::HttpClient(Options options) : options_(std::move(options)) {
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<Response, TransportError> HttpClient::send(const Request& request) {
    const bool reused = connection_ != nullptr;
    auto response = attempt(request);
    if (response) return response;
    const bool started = connection_ && connection_->response_started;
    connection_.reset();
    if (!reused || started || response.error().code != TransportErrc::broken) return response;
    if (!is_repeatable(request)) return response;
    response = attempt(request);
    if (!response) connection_.reset();
    return response;
}

Result<Response, TransportError> HttpClient::receive(const Request& request, const Sink& sink) {
    connection_.reset();
    auto stream = open(request);
    if (!stream) return failure(stream.error());
    Response response = stream->head();
    std::string part;
    for (;;) {
        const auto more = stream->next(part);
        if (!more) return failure(more.error());
        if (!*more) return response;
        if (response.ok()) {
            sink(part);
        } else if (response.body.size() < options_.max_response_bytes) {
            response.body += part;
        }
    }
}

Result<Response, TransportError> HttpClient::attempt(const Request& request) {
    const auto url = url_of(options_);
    if (!url) return failure(url.error());
    const auto fail = [&](TransportErrc code, const Connection::Error& error) {
        return failure(to_error(code, error, options_.url, request.stop));
    };
    if (!connection_) {
        connection_ = std::make_unique<Connection>();
        if (const auto error = connection_->connect(*url, options_.connect_timeout, request.stop)) {
            return fail(TransportErrc::unreachable, error);
        }
    }
    Connection& connection = *connection_;
    connection.response_started = false;
    auto message = to_wire(request, options_, *url);
    const auto write_error = connection.write(message, options_.response_timeout, request.stop);
    // A server that refuses a body may respond and close before it has read it all: look for the
    // response in that case, too.
    http::response_parser<http::string_body> parser;
    parser.body_limit(options_.max_response_bytes);
    if (request.method == "HEAD") parser.skip(true);
    const auto read_error = connection.read(parser, options_.response_timeout, request.stop);
    connection.response_started = parser.got_some();
    if (read_error) return fail(TransportErrc::broken, write_error ? write_error : read_error);
    const bool keep = parser.get().keep_alive() && !write_error;
    auto message_in = parser.release();
    auto response = to_head(message_in.base());
    response.body = std::move(message_in.body());
    if (!keep) connection_.reset();
    return response;
}

// The connection, and how much of the response it has brought.
struct ResponseStream::Reading {
    Options options;
    std::stop_token stop;
    Connection connection;
    http::response_parser<http::buffer_body> parser;
};

ResponseStream::ResponseStream(std::unique_ptr<Reading> reading, Response head)
    : reading_(std::move(reading)), head_(std::move(head)) {
}
ResponseStream::~ResponseStream() = default;
ResponseStream::ResponseStream(ResponseStream&&) noexcept = default;
ResponseStream& ResponseStream::operator=(ResponseStream&&) noexcept = default;

std::optional<std::uint64_t> ResponseStream::length() const {
    const auto length = reading_->parser.content_length();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

Result<bool, TransportError> ResponseStream::next(std::string& piece) {
    Reading& reading = *reading_;
    auto& body = reading.parser.get().body();
    if (head_.ok() && reading.parser.need_eof()) {
        return failure(to_error(TransportErrc::broken, http::error::partial_message,
                                reading.options.url, reading.stop));
    }
    while (!reading.parser.is_done()) {
        piece.resize(kPieceBytes);
        body.data = piece.data();
        body.size = piece.size();
        const auto error = reading.connection.read_some(
            reading.parser, reading.options.response_timeout, reading.stop);
        if (error && error != http::error::need_buffer) {
            return failure(
                to_error(TransportErrc::broken, error, reading.options.url, reading.stop));
        }
        piece.resize(kPieceBytes - body.size);
        if (!piece.empty()) return true;
    }
    piece.clear();
    return false;
}

Result<ResponseStream, TransportError> HttpClient::open(const Request& request) const {
    const auto url = url_of(options_);
    if (!url) return failure(url.error());
    const auto fail = [&](TransportErrc code, const Connection::Error& error) {
        return failure(to_error(code, error, options_.url, request.stop));
    };
    auto reading = std::make_unique<ResponseStream::Reading>();
    reading->options = options_;
    reading->stop = request.stop;
    Connection& connection = reading->connection;
    if (const auto error = connection.connect(*url, options_.connect_timeout, request.stop)) {
        return fail(TransportErrc::unreachable, error);
    }
    auto message = to_wire(request, options_, *url);
    const auto write_error = connection.write(message, options_.response_timeout, request.stop);
    auto& parser = reading->parser;
    parser.body_limit(boost::none);
    if (request.method == "HEAD") parser.skip(true);
    const auto read_error = connection.read_head(parser, options_.response_timeout, request.stop);
    if (read_error) return fail(TransportErrc::broken, write_error ? write_error : read_error);
    Response head = to_head(parser.get().base());
    return ResponseStream(std::move(reading), std::move(head));
}

}  // namespace atlas::client
