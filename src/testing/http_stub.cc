// SPDX-License-Identifier: Apache-2.0
#include "testing/http_stub.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <list>
#include <mutex>
#include <thread>

namespace atlas::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

HttpStub::Request to_request(http::request<http::string_body>&& message) {
    HttpStub::Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
        std::string name(field.name_string());
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        request.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    request.body = std::move(message.body());
    return request;
}

}  // namespace

std::string HttpStub::Request::header(const std::string& lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) return value;
    }
    return {};
}

struct HttpStub::State {
    State(Handler given, unsigned short port)
        : handler(std::move(given)),
          acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), port)) {}

    void accept_all() {
        while (!stopping) {
            boost::system::error_code error;
            tcp::socket socket(context);
            acceptor.accept(socket, error);
            if (error || stopping) return;
            ++accepted;
            const std::scoped_lock lock(mutex);
            sockets.push_back(std::move(socket));
            threads.emplace_back([this, &mine = sockets.back()] { serve(mine); });
        }
    }

    void serve(tcp::socket& socket) {
        boost::beast::flat_buffer buffer;
        boost::system::error_code error;
        while (!error) {
            http::request_parser<http::string_body> parser;
            parser.body_limit(std::uint64_t{256} << 20U);
            http::read(socket, buffer, parser, error);
            if (error) break;
            if (!answer(socket, to_request(parser.release()))) break;
        }
        const std::scoped_lock lock(mutex);
        socket.shutdown(tcp::socket::shutdown_both, error);
        socket.close(error);
    }

    bool answer(tcp::socket& socket, const Request& request) {
        Response response;
        {
            const std::scoped_lock lock(handling);
            response = handler(request);
        }
        if (response.hang_up_instead) return false;
        if (!response.raw.empty()) {
            boost::system::error_code error;
            asio::write(socket, asio::buffer(response.raw), error);
            return false;
        }
        http::response<http::string_body> message;
        message.result(static_cast<unsigned>(response.status));
        for (const auto& [name, value] : response.headers) message.set(name, value);
        message.body() = std::move(response.body);
        message.prepare_payload();
        boost::system::error_code error;
        http::write(socket, message, error);
        return !error && !response.close_after;
    }

    void stop() {
        stopping = true;
        boost::system::error_code error;
        // A blocked accept() does not notice that its socket was closed: wake it by a connection.
        tcp::socket wake(context);
        wake.connect(acceptor.local_endpoint(), error);
        acceptor_thread.join();
        {
            const std::scoped_lock lock(mutex);
            for (auto& socket : sockets) socket.shutdown(tcp::socket::shutdown_both, error);
        }
        for (auto& thread : threads) thread.join();
    }

    Handler handler;
    asio::io_context context;
    tcp::acceptor acceptor;
    std::atomic<bool> stopping = false;
    std::atomic<int> accepted = 0;
    std::mutex mutex;     // of sockets and threads
    std::mutex handling;  // of the handler
    std::list<tcp::socket> sockets;
    std::list<std::thread> threads;
    std::thread acceptor_thread;
};

HttpStub::HttpStub(Handler handler, unsigned short port)
    : state_(std::make_shared<State>(std::move(handler), port)) {
    state_->acceptor_thread = std::thread([state = state_.get()] { state->accept_all(); });
}

HttpStub::~HttpStub() {
    state_->stop();
}

unsigned short HttpStub::port() const {
    return state_->acceptor.local_endpoint().port();
}
std::string HttpStub::url() const {
    return fmt::format("http://127.0.0.1:{}", port());
}
int HttpStub::connections() const {
    return state_->accepted;
}

}  // namespace atlas::test
