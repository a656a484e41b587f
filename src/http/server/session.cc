// SPDX-License-Identifier: Apache-2.0
#include "http/server/session.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stop_token>

#include "http/server/exchange.h"
#include "http/server/problem.h"

namespace atlas::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::awaitable;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Parser = beast::http::request_parser<beast::http::buffer_body>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
constexpr std::size_t kWriteBytes = std::size_t{256} << 10U;
constexpr std::size_t kBufferBytes = std::size_t{128} << 10U;  // also bounds a chunk's header
constexpr std::size_t kKeptBufferBytes = std::size_t{16} << 10U;
// A refused body this small is read to its end, so that the connection can be used on.
constexpr std::size_t kSkippableBytes = std::size_t{64} << 10U;
// After an early answer the rest of the request is read and dropped for a while: closing at once
// would reset the connection and take the answer with it.
constexpr std::size_t kLingerBytes = std::size_t{8} << 20U;
constexpr std::chrono::seconds kLingerTime{2};

template <class Answer>
using Give = std::function<void(Answer)>;
using Respond = Give<Response>;

// Suspends until `start` has had its answer given, from any thread, once; a second answer is
// dropped. The core, and with it the io thread's context, outlives the wait.
template <class Answer, class Start>
awaitable<Answer> await_answer(std::shared_ptr<Core> core, Start start) {
    const auto executor = co_await asio::this_coro::executor;
    auto initiate = [&]<class Handler>(Handler&& handler) {
        struct Owed {
            std::shared_ptr<Core> core;
            std::optional<std::decay_t<Handler>> handler;
            std::atomic_flag given{};
        };
        auto owed = std::make_shared<Owed>(core, std::forward<Handler>(handler));
        start(Give<Answer>([owed, executor](Answer answer) {
            if (owed->given.test_and_set()) return;
            // The caller may keep this function for long: from here on it holds nothing.
            asio::post(executor,
                       [kept = std::move(owed->core), to = std::move(*owed->handler),
                        mine = std::move(answer)]() mutable { std::move(to)(std::move(mine)); });
            owed->handler.reset();
        }));
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Answer)>(
        initiate, asio::use_awaitable);
}

class Session final : public SessionControl, public std::enable_shared_from_this<Session> {
public:
    Session(std::shared_ptr<Core> core, asio::ip::tcp::socket socket)
        : core_(std::move(core)), stream_(std::move(socket)) {}

    awaitable<void> run();
    void close_if_idle() override {
        if (idle_) close();
    }
    void close() override {
        error_code ignored;
        stream_.socket().close(ignored);
    }

private:
    awaitable<bool> wait_for_request();
    awaitable<bool> serve_one();
    awaitable<bool> refuse_head(error_code error);
    awaitable<Response> answer(Exchange& exchange, Parser& parser);
    awaitable<std::optional<Response>> authenticate(Exchange& exchange);
    awaitable<std::optional<Response>> read_body(Exchange& exchange, Parser& parser);
    awaitable<Response> handle(Exchange& exchange);
    awaitable<error_code> read_some(Parser& parser, std::string_view& chunk);
    awaitable<bool> skip_body(Parser& parser);
    awaitable<bool> send(std::string_view head, std::string_view body);
    awaitable<bool> send_stream(std::string_view head, BodyStream& body, bool chunked);
    void watch_client(Exchange& exchange);
    void end_watch();
    awaitable<bool> write_all(std::string_view bytes);
    awaitable<void> linger();

    const std::shared_ptr<Core> core_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_{kBufferBytes};
    std::unique_ptr<std::array<char, kReadBytes>> chunk_;  // only while a body is read
    bool idle_ = true;
    bool broken_ = false;  // the socket failed: nothing can be sent any more
    // Of a request that can be cancelled, while it is worked on.
    std::optional<std::stop_source> client_gone_;
};

RequestHead head_of(const Parser& parser) {
    const auto& message = parser.get();
    RequestHead head{.method = std::string(message.method_string()),
                     .target = std::string(message.target()),
                     .headers = {},
                     .version = static_cast<int>(message.version()),
                     .keep_alive = parser.keep_alive(),
                     .content_length = std::nullopt};
    if (parser.content_length()) head.content_length = *parser.content_length();
    for (const auto& field : message) {
        std::string name(field.name_string());
        std::ranges::transform(name, name.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        head.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    return head;
}

awaitable<void> Session::run() {
    while (co_await wait_for_request()) {
        const Core::InFlight in_flight(*core_);
        if (!co_await serve_one()) break;
    }
    if (!broken_) co_await linger();
    close();
}

// Waits for the first byte of a request; empty lines between requests are part of the next head.
awaitable<bool> Session::wait_for_request() {
    chunk_.reset();
    if (buffer_.size() > 0) co_return true;
    if (buffer_.capacity() > kKeptBufferBytes) buffer_.shrink_to_fit();
    if (core_->closing) co_return false;
    idle_ = true;
    stream_.expires_after(core_->options.idle_timeout);
    auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4096), kTuple);
    idle_ = false;
    if (error) {
        broken_ = true;
        co_return false;
    }
    buffer_.commit(size);
    co_return true;
}

// One request and its answer; false ends the connection.
awaitable<bool> Session::serve_one() {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(core_->options.header_bytes));
    parser.body_limit(boost::none);
    stream_.expires_after(core_->options.header_timeout);
    auto [error, size] = co_await beast::http::async_read_header(stream_, buffer_, parser, kTuple);
    if (error) co_return co_await refuse_head(error);

    Exchange exchange(*core_, head_of(parser));
    Response response = co_await answer(exchange, parser);
    if (broken_) co_return false;
    exchange.release_body();
    // A client that reads slowly holds the response in memory meanwhile.
    ByteBudget::Share share(core_->answers);
    if (!share.grow_to(response.body.size())) {
        core_->overloads.report("responses in flight reached {} bytes",
                                core_->options.answers_in_flight_bytes);
        response = overloaded("The server's response memory limit is reached");
    }
    bool keep_alive = exchange.head().keep_alive && !core_->closing;
    if (!parser.is_done() && keep_alive) {
        const auto length = exchange.head().content_length;
        const bool skippable = length && *length <= kSkippableBytes && !exchange.expects_continue();
        keep_alive = skippable && co_await skip_body(parser);
        if (broken_) co_return false;
    }
    exchange.record(response);
    keep_alive = keep_alive && (!response.stream || exchange.takes_chunks());
    const std::string head = exchange.head_of(response, keep_alive);
    const bool body = exchange.wants_body(response);
    const bool sent = response.stream && body
                          ? co_await send_stream(head, *response.stream, exchange.takes_chunks())
                          : co_await send(head, body ? response.body : std::string_view());
    end_watch();
    co_return sent&& keep_alive;
}

// Until the response is sent, a client that closes its connection cancels the request. What it
// sends meanwhile, the next request, is left where it is and ends the watch.
void Session::watch_client(Exchange& exchange) {
    if (!exchange.route().cancellable) return;
    client_gone_.emplace();
    exchange.set_gone(client_gone_->get_token());
    stream_.socket().async_wait(
        asio::ip::tcp::socket::wait_read,
        [weak = weak_from_this(), gone = *client_gone_](error_code error) mutable {
            const auto self = weak.lock();
            if (error || !self) return;
            char byte = 0;
            const auto seen =
                ::recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
            if (seen == 0 || (seen < 0 && errno != EAGAIN)) gone.request_stop();
        });
}

void Session::end_watch() {
    if (!client_gone_) return;
    client_gone_.reset();
    error_code ignored;
    stream_.socket().cancel(ignored);
}

// True for bytes that break HTTP's syntax or limits, false for a socket that ended or failed.
bool is_syntax_error(error_code error) {
    namespace http = beast::http;
    return error.category() == http::make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

// A head that is no head of HTTP/1.x, or too large, still gets an answer.
awaitable<bool> Session::refuse_head(error_code error) {
    namespace http = beast::http;
    if (!is_syntax_error(error)) {
        broken_ = true;
        co_return false;
    }
    core_->broken_requests.report("bad request head: {}", error.message());
    Response response =
        error == http::error::header_limit || error == http::error::buffer_overflow
            ? problem(
                  "header_too_large", 431, "Header too large",
                  fmt::format("The request header exceeds {} bytes.", core_->options.header_bytes))
            : problem("bad_request", 400, "Bad request", "The request is not valid HTTP/1.1.");
    Exchange exchange(*core_, RequestHead{});
    exchange.record(response);
    co_await send(exchange.head_of(response, false), response.body);
    co_return false;
}

awaitable<Response> Session::answer(Exchange& exchange, Parser& parser) {
    if (auto refusal = exchange.inspect()) co_return std::move(*refusal);
    if (auto refusal = co_await authenticate(exchange)) co_return std::move(*refusal);
    exchange.routed();
    if (auto refusal = co_await read_body(exchange, parser)) co_return std::move(*refusal);
    co_return co_await handle(exchange);
}

AuthResult verify(Core& core, const Credentials& credentials) {
    try {
        return core.authenticator.verify(credentials);
    } catch (const std::exception& error) {
        core.handler_failures.report("verifying credentials failed: {}", error.what());
        return failure(problem("internal", 500, "Internal error",
                               "Internal error while verifying credentials."));
    }
}

// The verdict, or a refusal when `patience` ends before: neither a silent database nor a long queue
// keeps the client waiting.
void ask_for_verdict(const std::shared_ptr<Core>& core, const Credentials& credentials,
                     asio::steady_timer& patience, const Give<AuthResult>& give) {
    auto given_up = std::make_shared<std::atomic<bool>>(false);
    patience.async_wait([core, credentials, give, given_up](error_code cancelled) {
        if (cancelled) return;
        *given_up = true;
        // Meanwhile an old verdict may have to do.
        if (auto known = core->authenticator.cached(credentials)) return give(std::move(*known));
        core->overloads.report("credentials could not be verified within {} ms",
                               core->options.auth_timeout.count());
        give(failure(with_retry_after(
            problem("database_busy", 503, "Database busy",
                    "The credentials could not be verified in time; retry later."))));
    });
    auto job = [core, credentials, give, given_up] {
        if (!*given_up) give(verify(*core, credentials));
    };
    if (!core->verifiers.submit(std::move(job))) {
        give(failure(overloaded("The server's request queue is full")));
    }
}

awaitable<std::optional<Response>> Session::authenticate(Exchange& exchange) {
    if (!exchange.needs_principal()) co_return std::nullopt;
    if (auto known = core_->authenticator.cached(exchange.credentials())) {
        co_return exchange.admit(*known);
    }
    const auto asked = Clock::now();
    asio::steady_timer patience(stream_.get_executor(), core_->options.auth_timeout);
    const AuthResult verdict =
        co_await await_answer<AuthResult>(core_, [&](const Give<AuthResult>& give) {
            ask_for_verdict(core_, exchange.credentials(), patience, give);
        });
    exchange.was_kept_waiting(Clock::now() - asked);
    co_return exchange.admit(verdict);
}

awaitable<std::optional<Response>> Session::read_body(Exchange& exchange, Parser& parser) {
    if (!parser.is_done() && exchange.expects_continue()) {
        if (!co_await write_all("HTTP/1.1 100 Continue\r\n\r\n")) co_return Response{};
    }
    const auto start = Clock::now();
    std::size_t taken = 0;
    while (!parser.is_done()) {
        const std::chrono::seconds earned(taken / core_->options.body_bytes_per_second);
        stream_.expires_at(start + core_->options.body_timeout + earned);
        std::string_view chunk;
        if (const error_code error = co_await read_some(parser, chunk)) {
            core_->broken_requests.report("bad request body: {}", error.message());
            if (is_syntax_error(error)) {
                co_return problem("bad_request", 400, "Bad request",
                                  "The body is not valid chunked transfer coding.");
            }
            broken_ = true;
            co_return Response{};
        }
        taken += chunk.size();
        if (auto refusal = exchange.take_body(chunk)) co_return refusal;
    }
    chunk_.reset();
    co_return exchange.end_body();
}

awaitable<error_code> Session::read_some(Parser& parser, std::string_view& chunk) {
    if (!chunk_) chunk_ = std::make_unique_for_overwrite<std::array<char, kReadBytes>>();
    auto& body = parser.get().body();
    body.data = chunk_->data();
    body.size = chunk_->size();
    body.more = true;
    auto [error, size] = co_await beast::http::async_read_some(stream_, buffer_, parser, kTuple);
    chunk = {chunk_->data(), chunk_->size() - body.size};
    if (error == beast::http::error::need_buffer) co_return error_code{};
    co_return error;
}

awaitable<bool> Session::skip_body(Parser& parser) {
    stream_.expires_after(core_->options.body_timeout);
    while (!parser.is_done()) {
        std::string_view dropped;
        if (co_await read_some(parser, dropped)) {
            broken_ = true;
            co_return false;
        }
    }
    co_return true;
}

// Runs a handler and turns what it throws into a response.
template <class Call>
void guarded(Core& core, Exchange& exchange, const Respond& respond, Call call) {
    exchange.handling();
    const std::string& id = exchange.request_id();
    const Route& route = exchange.route();
    try {
        call();
        return;
    } catch (const std::exception& error) {
        core.handler_failures.report("request {}: {} {} failed: {}", id, route.method,
                                     route.pattern, error.what());
    } catch (...) {
        core.handler_failures.report("request {}: {} {} failed", id, route.method, route.pattern);
    }
    respond(internal_problem(id));
}

awaitable<Response> Session::handle(Exchange& exchange) {
    const Route& route = exchange.route();
    stream_.expires_never();
    if (route.async_handler) {
        Response response = co_await await_answer<Response>(core_, [&](Respond respond) {
            guarded(*core_, exchange, respond,
                    [&] { route.async_handler(exchange.take_request(), respond); });
        });
        exchange.encode(response);
        co_return response;
    }
    watch_client(exchange);
    co_return co_await await_answer<Response>(core_, [&](Respond respond) {
        auto job = [core = core_, &route, &exchange, respond] {
            guarded(*core, exchange, respond, [&] {
                Response response = route.handler(exchange.request());
                exchange.encode(response);
                respond(std::move(response));
            });
        };
        Workers& workers = core_->workers_of(route);
        if (workers.submit(std::move(job))) return;
        core_->overloads.report("{} requests wait for a worker", workers.queued());
        respond(overloaded("The server's request queue is full"));
    });
}

awaitable<bool> Session::send(std::string_view head, std::string_view body) {
    core_->sent_bytes.add(head.size() + body.size());
    const std::size_t first = std::min(body.size(), kWriteBytes);
    const std::array<asio::const_buffer, 2> start{asio::buffer(head),
                                                  asio::buffer(body.substr(0, first))};
    stream_.expires_after(core_->options.write_timeout);
    auto [error, size] = co_await asio::async_write(stream_, start, kTuple);
    broken_ = broken_ || error;
    for (body.remove_prefix(first); !body.empty() && !broken_;) {
        const std::size_t part = std::min(body.size(), kWriteBytes);
        co_await write_all(body.substr(0, part));
        body.remove_prefix(part);
    }
    co_return !broken_;
}

// The next piece of a body; empty: it is complete. nullopt: it broke off.
using Piece = std::optional<std::string>;

void make_piece(const std::shared_ptr<Core>& core, BodyStream& body, const Give<Piece>& give) {
    auto job = [core, &body, give] {
        Piece piece{std::in_place};
        try {
            if (!body.next(*piece)) piece->clear();
        } catch (const std::exception& error) {
            core->handler_failures.report("a response broke off: {}", error.what());
            piece.reset();
        }
        give(std::move(piece));
    };
    if (core->slow_workers.submit(std::move(job))) return;
    core->overloads.report("{} requests wait for a worker", core->slow_workers.queued());
    give(std::nullopt);
}

awaitable<bool> Session::send_stream(std::string_view head, BodyStream& body, bool chunked) {
    if (!co_await send(head, {})) co_return false;
    while (true) {
        const Piece piece = co_await await_answer<Piece>(
            core_, [&](const Give<Piece>& give) { make_piece(core_, body, give); });
        if (!piece) co_return false;
        const std::string_view bytes = *piece;
        core_->sent_bytes.add(bytes.size());
        const std::string size = chunked ? fmt::format("{:x}\r\n", bytes.size()) : std::string();
        if (chunked && !co_await write_all(size)) co_return false;
        for (std::size_t at = 0; at < bytes.size(); at += kWriteBytes) {
            if (!co_await write_all(bytes.substr(at, kWriteBytes))) co_return false;
        }
        if (chunked && !co_await write_all("\r\n")) co_return false;
        if (bytes.empty()) co_return true;
    }
}

awaitable<bool> Session::write_all(std::string_view bytes) {
    stream_.expires_after(core_->options.write_timeout);
    auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), kTuple);
    broken_ = broken_ || error;
    co_return !error;
}

awaitable<void> Session::linger() {
    error_code error;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    if (!chunk_) chunk_ = std::make_unique_for_overwrite<std::array<char, kReadBytes>>();
    stream_.expires_after(kLingerTime);
    for (std::size_t dropped = 0; !error && dropped < kLingerBytes;) {
        auto [failed, size] = co_await stream_.async_read_some(asio::buffer(*chunk_), kTuple);
        error = failed;
        dropped += size;
    }
}

}  // namespace

std::shared_ptr<SessionControl> serve(std::shared_ptr<Core> core, asio::ip::tcp::socket socket,
                                      std::function<void()> ended) {
    auto executor = socket.get_executor();
    auto session = std::make_shared<Session>(core, std::move(socket));
    asio::co_spawn(
        executor, [session]() -> awaitable<void> { co_await session->run(); },
        [core, ended = std::move(ended)](const std::exception_ptr& failure) {
            try {
                if (failure) std::rethrow_exception(failure);
            } catch (const std::exception& error) {
                core->handler_failures.report("a connection failed: {}", error.what());
            }
            ended();
        });
    return session;
}

}  // namespace atlas::http
