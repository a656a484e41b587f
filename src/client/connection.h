// SPDX-License-Identifier: Apache-2.0
//
// One connection to an Atlas: requests go out and heads of responses come in, each step with its
// timeout, in the terms of Beast.
//
//     HttpClient, ResponseStream → [Connection] → socket
//
// Beast's timeouts work on asynchronous operations only, so every step starts one and runs the
// private io_context until it is done.
//
// Lifetime   closes in its destructor.
// Threading  one thread at a time; a stop token may be asked to stop from any.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>

#include "client/http_client.h"
#include "client/url.h"

namespace atlas::client {

using WireRequest = boost::beast::http::request<boost::beast::http::span_body<const char>>;

// The request borrows its body.
WireRequest to_wire(const Request& request, const Options& options, const Url& url);
// Status and headers.
Response to_head(const boost::beast::http::response_header<>& header);
// What went wrong, as callers see it; `code` where nothing else is known.
TransportError to_error(TransportErrc code, const boost::system::error_code& error,
                        const std::string& url, const std::stop_token& stop);
// The address of the options in its parts; fails with bad_url.
Result<Url, TransportError> url_of(const Options& options);

class Connection {
public:
    using Error = boost::system::error_code;

    // Beast reads as much at once as the buffer has room for.
    Connection() { buffer_.reserve(std::size_t{1} << 16U); }

    Error connect(const Url& url, std::chrono::milliseconds timeout, const std::stop_token& stop);

    Error write(WireRequest& message, std::chrono::milliseconds timeout,
                const std::stop_token& stop) {
        return step(timeout, stop, [&](auto done) {
            boost::beast::http::async_write(stream_, message, std::move(done));
        });
    }

    template <class Parser>
    Error read(Parser& parser, std::chrono::milliseconds timeout, const std::stop_token& stop) {
        return step(timeout, stop, [&](auto done) {
            boost::beast::http::async_read(stream_, buffer_, parser, std::move(done));
        });
    }

    template <class Parser>
    Error read_head(Parser& parser, std::chrono::milliseconds timeout,
                    const std::stop_token& stop) {
        return step(timeout, stop, [&](auto done) {
            boost::beast::http::async_read_header(stream_, buffer_, parser, std::move(done));
        });
    }

    template <class Parser>
    Error read_some(Parser& parser, std::chrono::milliseconds timeout,
                    const std::stop_token& stop) {
        return step(timeout, stop, [&](auto done) {
            boost::beast::http::async_read_some(stream_, buffer_, parser, std::move(done));
        });
    }

    bool response_started = false;  // bytes of the latest response were seen

private:
    // Starts an operation and runs it to its end.
    template <class Start>
    Error step(std::chrono::milliseconds timeout, const std::stop_token& stop, Start start) {
        Error result;
        stream_.expires_after(timeout);
        start([&result](Error error, std::size_t) { result = error; });
        run(stop);
        return result;
    }
    void run(const std::stop_token& stop);

    boost::asio::io_context context_{1};
    boost::beast::tcp_stream stream_{context_};
    boost::beast::flat_buffer buffer_;
};

}  // namespace atlas::client
