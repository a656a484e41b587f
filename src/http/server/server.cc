// SPDX-License-Identifier: Apache-2.0
#include "http/server/server.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/descriptor.h"
#include "http/server/core.h"
#include "http/server/exchange.h"
#include "http/server/session.h"

namespace atlas::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};  // when file descriptors run out
constexpr std::chrono::seconds kStopTimeout{10};        // for handlers that still run

// One thread and the connections that live on it.
class IoThread {
public:
    explicit IoThread(std::shared_ptr<Core> core) : core_(std::move(core)) {}

    asio::io_context& context() { return context_; }
    void start() {
        thread_ = std::thread([this] { context_.run(); });
    }
    // On this thread.
    void adopt(tcp::socket socket) {
        const std::uint64_t id = ++last_id_;
        auto session = serve(core_, std::move(socket), [this, id] {
            sessions_.erase(id);
            core_->disconnected();
        });
        sessions_.emplace(id, std::move(session));
    }
    void close_idle() {
        asio::post(context_, [this] {
            for (auto& [id, session] : sessions_) session->close_if_idle();
        });
    }
    void close_all() {
        asio::post(context_, [this] {
            for (auto& [id, session] : sessions_) session->close();
        });
    }
    void stop() {
        context_.stop();
        if (thread_.joinable()) thread_.join();
        sessions_.clear();
    }

private:
    const std::shared_ptr<Core> core_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::thread thread_;
    std::unordered_map<std::uint64_t, std::shared_ptr<SessionControl>> sessions_;
    std::uint64_t last_id_ = 0;
};

// Many systems let a process have 1024 descriptors until it asks for more, which it may.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// Refuses a connection over the limit, as far as that is possible without blocking.
void refuse(Core& core, tcp::socket socket) {
    Exchange exchange(core, RequestHead{});
    const Response response = overloaded("The server's connection limit is reached");
    exchange.record(response);
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(exchange.head_of(response, false) + response.body), ignored);
}

std::string describe(const std::string& host, std::uint16_t port, const error_code& error) {
    const std::string address = fmt::format("{}:{}", host, port);
    if (error == asio::error::address_in_use) {
        return fmt::format(
            "{} is in use by another program; stop that program or choose another address",
            address);
    }
    if (error == asio::error::access_denied) {
        return fmt::format("no permission to listen on {}; choose a port above 1023", address);
    }
    return fmt::format("cannot listen on {}: {}", address, error.message());
}

}  // namespace

class Server::Listener {
public:
    explicit Listener(std::shared_ptr<Core> core) : core_(std::move(core)) {
        for (std::size_t i = 0; i < core_->options.io_threads; ++i) {
            threads_.push_back(std::make_unique<IoThread>(core_));
        }
        acceptor_.emplace(threads_.front()->context());
        pause_.emplace(threads_.front()->context());
    }

    Result<void, std::string> start() {
        const ServerOptions& options = core_->options;
        raise_descriptor_limit();
        error_code error;
        open(options.host, options.port, error);
        if (error) return failure(describe(options.host, options.port, error));
        port_ = acceptor_->local_endpoint().port();
        for (auto& thread : threads_) thread->start();
        accept();
        return {};
    }
    std::uint16_t port() const { return port_; }

    // Waits until the acceptor is closed, so that no connection is accepted after it.
    void close() {
        std::promise<void> closed;
        asio::post(acceptor_->get_executor(), [&] {
            error_code ignored;
            acceptor_->close(ignored);
            pause_->cancel();
            closed.set_value();
        });
        closed.get_future().wait();
    }
    void close_idle() {
        for (auto& thread : threads_) thread->close_idle();
    }
    // Connections end by themselves once their sockets are closed and their responses exist.
    void stop() {
        if (port_ == 0) return;
        if (acceptor_->is_open()) close();
        for (auto& thread : threads_) thread->close_all();
        const bool ended = core_->wait_until_unconnected(kStopTimeout);
        core_->verifiers.stop();
        core_->workers.stop();
        core_->slow_workers.stop();
        for (auto& thread : threads_) thread->stop();
        // A response still owed would go to a thread that is gone: its memory is left allocated.
        if (!ended) {
            for (auto& thread : threads_) static_cast<void>(thread.release());
        }
        port_ = 0;
    }

    bool sleep(std::chrono::milliseconds delay) {
        std::unique_lock lock(mutex_);
        return hurry_wake_.wait_for(lock, delay, [this] { return hurried_; });
    }
    void hurry() {
        const std::scoped_lock lock(mutex_);
        hurried_ = true;
        hurry_wake_.notify_all();
    }

private:
    void open(const std::string& host, std::uint16_t port, error_code& error) {
        tcp::resolver resolver(threads_.front()->context());
        const auto found =
            resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
        if (error) return;
        const tcp::endpoint endpoint = found.begin()->endpoint();
        acceptor_->open(endpoint.protocol(), error);
        if (!error) close_on_exec(acceptor_->native_handle());
        if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_->bind(endpoint, error);
        if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    }

    void accept() {
        IoThread& home = *threads_[next_++ % threads_.size()];
        acceptor_->async_accept(
            home.context(), [this, &home](error_code error, tcp::socket socket) {
                if (!acceptor_->is_open() || error == asio::error::operation_aborted) return;
                if (error) {
                    core_->overloads.report("cannot accept a connection: {}", error.message());
                    pause_->expires_after(kAcceptPause);
                    pause_->async_wait([this](error_code cancelled) {
                        if (!cancelled) accept();
                    });
                    return;
                }
                settle(home, std::move(socket));
                accept();
            });
    }

    void settle(IoThread& home, tcp::socket socket) {
        close_on_exec(socket.native_handle());
        if (core_->connections.fetch_add(1) >= core_->options.connections) {
            core_->disconnected();
            core_->overloads.report("{} connections are open", core_->options.connections);
            refuse(*core_, std::move(socket));
            return;
        }
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        asio::post(home.context(),
                   [&home, kept = std::make_shared<tcp::socket>(std::move(socket))] {
                       home.adopt(std::move(*kept));
                   });
    }

    const std::shared_ptr<Core> core_;
    std::vector<std::unique_ptr<IoThread>> threads_;
    std::optional<tcp::acceptor> acceptor_;
    std::optional<asio::steady_timer> pause_;
    std::size_t next_ = 0;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::condition_variable hurry_wake_;
    bool hurried_ = false;
};

Server::Server(ServerOptions options, std::vector<Route> routes, Authenticator& authenticator,
               observe::Registry& registry)
    : core_(std::make_shared<Core>(std::move(options), std::move(routes), authenticator, registry)),
      listener_(std::make_unique<Listener>(core_)) {
}

Server::~Server() {
    stop();
}

Result<void, std::string> Server::start() {
    return listener_->start();
}

std::uint16_t Server::port() const {
    return listener_->port();
}

const std::vector<Route>& Server::routes() const {
    return core_->router.routes();
}

void Server::drain() {
    if (core_->options.readiness != nullptr) core_->options.readiness->drain();
    listener_->sleep(core_->options.drain_delay);
    listener_->close();
    core_->closing = true;
    listener_->close_idle();
    core_->wait_until_idle(core_->options.drain_timeout);
}

void Server::hurry() {
    listener_->hurry();
}

void Server::stop() {
    core_->closing = true;
    listener_->stop();
}

}  // namespace atlas::http
