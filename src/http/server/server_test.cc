// SPDX-License-Identifier: Apache-2.0
#include "http/server/server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <future>
#include <random>
#include <thread>

#include "http/routes/ops/health.h"
#include "http/server/coding.h"
#include "http/server/test_server.h"
#include "observe/process.h"
#include "testing/eventually.h"

namespace atlas::http {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

Response text(std::string body, int status = 200) {
    return {.status = status, .content_type = "text/plain", .body = std::move(body)};
}

Route route(std::string method, std::string pattern, Handler handler, Scope scope = Scope::none) {
    return {.method = std::move(method),
            .pattern = std::move(pattern),
            .scope = scope,
            .parameters = {"a"},
            .handler = std::move(handler)};
}

std::vector<Route> echo_routes() {
    return {
        route("GET", "/hello/{name}",
              [](const Request& r) { return text("hello " + r.segments.at(0)); }),
        route("POST", "/echo", [](const Request& r) { return text(r.body); }),
        route("POST", "/size",
              [](const Request& r) { return text(std::to_string(r.body.size())); }),
        route("GET", "/large", [](const Request&) { return text(std::string(3'000'000, 'x')); }),
        route("GET", "/throws", [](const Request&) -> Response { throw std::runtime_error("!"); }),
        route(
            "GET", "/v1/mine", [](const Request& r) { return text(r.tenant_name); }, Scope::read),
        route(
            "PUT", "/v1/mine", [](const Request& r) { return text(r.tenant_name); }, Scope::write),
    };
}

TEST(Server, AnswersOnOneConnectionAgainAndAgain) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.ask(request_text("GET /hello/w%C3%B6rld%2F1"));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
        EXPECT_EQ(answer->body, "hello wörld/1");
        EXPECT_EQ(answer->headers.at("x-request-id").size(), 16U);
    }
}

// Goal: a program that this process starts inherits neither the listening socket nor a connection.
TEST(Server, SocketsAreClosedOnExec) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    ASSERT_TRUE(client.ask(request_text("GET /hello/you")));
    int sockets = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code closed;
        const std::string target = std::filesystem::read_symlink(entry.path(), closed);
        if (closed || !target.starts_with("socket:")) continue;
        const int flags = fcntl(std::stoi(entry.path().filename().string()), F_GETFD);
        EXPECT_TRUE(flags < 0 || (flags & FD_CLOEXEC) != 0) << entry.path() << " " << target;
        ++sockets;
    }
    EXPECT_GE(sockets, 3) << "the listener and both ends of the connection";
}

// Goal: an asynchronous handler may return first and respond later, from a thread of its own.
TEST(Server, AnAsyncHandlerRespondsFromAnotherThread) {
    std::promise<std::function<void(Response)>> asked;
    TestServer server({{.method = "GET",
                        .pattern = "/async",
                        .scope = Scope::none,
                        .parameters = {},
                        .async_handler =
                            [&asked](Request&&, std::function<void(Response)> respond) {
                                asked.set_value(std::move(respond));
                            }},
                       route("GET", "/sync", [](const Request&) { return text("at once"); })});
    RawClient client(server.port());
    ASSERT_TRUE(client.send(request_text("GET /async")));
    asked.get_future().get()(text("later"));
    EXPECT_EQ(client.read()->body, "later");
    EXPECT_EQ(client.ask(request_text("GET /sync"))->body, "at once");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        requests += i % 2 == 0 ? request_text("GET /hello/" + std::to_string(i))
                               : request_text("POST /echo", "", "body " + std::to_string(i));
    }
    ASSERT_TRUE(client.send(requests));
    for (int i = 0; i < 50; ++i) {
        const auto answer = client.read();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->body, (i % 2 == 0 ? "hello " : "body ") + std::to_string(i));
    }
}

TEST(Server, ReadsChunkedBodiesAndSays100Continue) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    ASSERT_TRUE(client.send(
        request_text("POST /echo", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n")));
    EXPECT_EQ(client.read(true)->status, 100);
    ASSERT_TRUE(client.send("5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nTrailer: t\r\n\r\n"));
    EXPECT_EQ(client.read()->body, "hello, world");
}

// Goal: a request refused by its head is refused before its body is asked for.
TEST(Server, RefusesBeforeContinue) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    const auto answer =
        client.ask(request_text("POST /nowhere", "Expect: 100-continue\r\nContent-Length: 10\r\n"));
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_TRUE(client.closes());
}

TEST(Server, HeadHasTheHeadersOfGetAndNoBody) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    const auto head = client.ask(request_text("HEAD /hello/x"), true);
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(head->headers.at("content-length"), "7");
    EXPECT_EQ(client.ask(request_text("GET /hello/x"))->body, "hello x");
}

TEST(Server, RoutesAndParametersAreCheckedAsProblems) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    const auto missing = client.ask(request_text("GET /nowhere"));
    EXPECT_EQ(missing->status, 404);
    EXPECT_EQ(missing->headers.at("content-type"), "application/problem+json");
    EXPECT_THAT(missing->body, HasSubstr(R"("type":"urn:problem-type:atlas:not_found")"));
    const auto method = client.ask(request_text("DELETE /hello/x"));
    EXPECT_EQ(method->status, 405);
    EXPECT_EQ(method->headers.at("allow"), "GET, HEAD");
    EXPECT_EQ(client.ask(request_text("GET /hello/x?a=1"))->status, 200);
    EXPECT_THAT(client.ask(request_text("GET /hello/x?b=1"))->body,
                HasSubstr(R"("code":"unknown_parameter")"));
    EXPECT_THAT(client.ask(request_text("GET /hello/x?a=1&a=2"))->body,
                AllOf(HasSubstr(R"("code":"invalid_parameter")"),
                      HasSubstr(R"(Query parameter \"a\" is given more than once.)")));
    EXPECT_THAT(client.ask(request_text("GET /hello/%zz"))->body,
                HasSubstr(R"("code":"invalid_target")"));
    EXPECT_EQ(client.ask(request_text("GET /hello/%ff"))->status, 400);
}

TEST(Server, ChecksTokensAndScopes) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    const auto with = [&](std::string_view what, std::string_view authorization) {
        return client
            .ask(request_text(what, "Authorization: " + std::string(authorization) + "\r\n"))
            ->status;
    };
    EXPECT_EQ(client.ask(request_text("GET /v1/mine"))->status, 401);
    EXPECT_EQ(with("GET /v1/mine", "Bearer atlas_read"), 200);
    EXPECT_EQ(with("GET /v1/mine", "token atlas_read"), 200);
    EXPECT_EQ(with("GET /v1/mine", "Basic dTphdGxhc19yZWFk"), 200);
    EXPECT_EQ(with("PUT /v1/mine", "Bearer atlas_read"), 403);
    EXPECT_EQ(with("PUT /v1/mine", "Bearer atlas_all"), 200);
    EXPECT_EQ(with("PUT /v1/mine", "Bearer atlas_throws"), 500);
    EXPECT_EQ(with("GET /hello/x", "Bearer nonsense"), 200);
}

TEST(Server, SetsWhatEveryAnswerCarries) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    const auto mine = client.ask(
        request_text("GET /v1/mine", "Authorization: Bearer atlas_all\r\nX-Request-Id: r-1\r\n"));
    EXPECT_EQ(mine->headers.at("cache-control"), "no-store");
    EXPECT_EQ(mine->headers.at("x-request-id"), "r-1");
    const auto forged = client.ask(request_text("GET /hello/x", "X-Request-Id: \"a\x80\"\r\n"));
    EXPECT_EQ(forged->headers.at("x-request-id").size(), 16U);
    EXPECT_FALSE(forged->headers.contains("cache-control"));
}

// Goal: a person who looks at a slow response sees which part was slow.
TEST(Server, StatesWhereTheTimeWent) {
    using std::chrono::steady_clock;
    const auto handler = [](const Request&) {
        const auto until = steady_clock::now() + milliseconds{3};
        while (steady_clock::now() < until) std::this_thread::yield();
        Response response = text("x");
        response.queried = milliseconds{2};
        return response;
    };
    std::vector<Route> routes = echo_routes();
    routes.push_back(route("GET", "/timed", handler));
    TestServer server(std::move(routes));
    const auto timing = [&](std::string_view target) {
        return RawClient(server.port()).ask(request_text(target))->headers["server-timing"];
    };
    std::array<double, 3> parts{};
    const std::string timed = timing("GET /timed");
    ASSERT_EQ(
        std::sscanf(timed.c_str(), "route;dur=%lf, wait;dur=%lf, query;dur=2.000, encode;dur=%lf",
                    &parts[0], &parts[1], &parts[2]),
        3)
        << timed;
    EXPECT_GE(parts[0], 0);
    EXPECT_GE(parts[1], 0);
    EXPECT_GE(parts[2], 1);
    // All of it where a handler does not say, and nothing of it where none was asked.
    EXPECT_THAT(timing("GET /hello/x"), HasSubstr(", encode;dur=0.000"));
    for (const char* target : {"GET /nowhere", "GET /hello/x?b=1", "GET /v1/mine"}) {
        EXPECT_THAT(timing(target),
                    AllOf(testing::StartsWith("route;dur="), testing::Not(HasSubstr("query"))))
            << target;
    }
}

TEST(Server, AHandlerThatThrowsIsA500AndCounted) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    const auto answer = client.ask(request_text("GET /throws", "X-Request-Id: abc-1\r\n"));
    EXPECT_EQ(answer->status, 500);
    EXPECT_THAT(answer->body, HasSubstr(R"("code":"internal")"));
    EXPECT_THAT(answer->body, HasSubstr("see the server log for request abc-1."));
    EXPECT_EQ(client.ask(request_text("GET /hello/x"))->status, 200);
    EXPECT_THAT(server.registry.render(), HasSubstr("atlas_http_handler_failures_total 1\n"));
}

TEST(Server, CompressesLargeAnswersWhenAsked) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    EXPECT_EQ(client.ask(request_text("GET /large"))->body.size(), 3'000'000U);
    for (const std::string coding : {"gzip", "zstd"}) {
        const auto answer =
            client.ask(request_text("GET /large", "Accept-Encoding: br, " + coding + "\r\n"));
        EXPECT_EQ(answer->headers.at("content-encoding"), coding);
        EXPECT_LT(answer->body.size(), 30'000U);
        const auto decoder = BodyDecoder::make(*parse_content_encoding(coding), 4'000'000);
        std::string decoded;
        EXPECT_EQ(decoder->write(answer->body, decoded), DecodeStatus::ok);
        EXPECT_EQ(decoded, std::string(3'000'000, 'x'));
    }
    const auto small = client.ask(request_text("GET /hello/x", "Accept-Encoding: gzip\r\n"));
    EXPECT_FALSE(small->headers.contains("content-encoding"));
}

TEST(Server, DecodesBodiesAndRefusesOtherCodings) {
    TestServer server(echo_routes());
    RawClient client(server.port());
    const std::string two = compress(Coding::gzip, "one ") + compress(Coding::gzip, "two");
    EXPECT_EQ(client.ask(request_text("POST /echo", "Content-Encoding: gzip\r\n", two))->body,
              "one two");
    EXPECT_EQ(client
                  .ask(request_text("POST /echo", "Content-Encoding: ZSTD\r\n",
                                    compress(Coding::zstd, "small")))
                  ->body,
              "small");
    const auto cut = two.substr(0, two.size() - 3);
    EXPECT_THAT(client.ask(request_text("POST /echo", "Content-Encoding: gzip\r\n", cut))->body,
                HasSubstr("invalid_encoding"));
    const auto other = client.ask(request_text("POST /echo", "Content-Encoding: br\r\n", "x"));
    EXPECT_EQ(other->status, 415);
    EXPECT_EQ(other->headers.at("accept-encoding"), "gzip, zstd, identity");
}

TEST(Server, RefusesBodiesOverTheLimitHoweverTheyAreSent) {
    TestServer server(echo_routes(), [](ServerOptions& options) { options.body_bytes = 100'000; });
    const std::string large(100'001, 'x');
    {
        RawClient client(server.port());
        EXPECT_EQ(client.ask(request_text("POST /size", "", large.substr(1)))->body, "100000");
        EXPECT_EQ(client.ask(request_text("POST /size", "", large))->status, 413);
        EXPECT_TRUE(client.closes());
    }
    for (const Coding coding : {Coding::gzip, Coding::zstd}) {
        RawClient client(server.port());
        const std::string header = "Content-Encoding: " + std::string(to_string(coding)) + "\r\n";
        EXPECT_EQ(client.ask(request_text("POST /size", header, compress(coding, large)))->status,
                  413);
    }
    RawClient client(server.port());
    ASSERT_TRUE(client.send(request_text("POST /size", "Transfer-Encoding: chunked\r\n")));
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send("c350\r\n" + std::string(50'000, 'y') + "\r\n"));
    }
    EXPECT_EQ(client.read()->status, 413);
}

// Goal: a small body that unpacks to gigabytes costs neither memory nor much time.
TEST(Server, GzipBombIsCutAtTheLimit) {
    TestServer server(echo_routes());
    std::string bomb = std::string(std::size_t{256} << 20U, '\0');
    bomb = compress(Coding::zstd, bomb);
    const auto before = observe::process_use().resident_bytes;
    for (int i = 0; i < 4; ++i) {
        RawClient client(server.port());
        EXPECT_EQ(
            client.ask(request_text("POST /size", "Content-Encoding: zstd\r\n", bomb))->status,
            413);
    }
    EXPECT_LT(observe::process_use().resident_bytes, before + (std::size_t{150} << 20U));
}

TEST(Server, RefusesWhatIsNotHttp) {
    TestServer server(echo_routes());
    const std::vector<std::pair<std::string, int>> cases = {
        {"nonsense\r\n\r\n", 400},
        {"GET / HTTP/3.7\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\n\r\n", 400},
        {"GET /hello/x HTTP/1.1\r\n\r\n", 400},  // no Host
        {"GET /hello/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n",
         400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
        {"GET /hello/x HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", 400},
        {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 431},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
    };
    for (const auto& [request, status] : cases) {
        RawClient client(server.port());
        const auto answer = client.ask(request);
        ASSERT_TRUE(answer) << request.substr(0, 80);
        EXPECT_EQ(answer->status, status) << request.substr(0, 80);
        EXPECT_EQ(answer->headers.at("content-type"), "application/problem+json");
    }
    RawClient client(server.port());
    EXPECT_EQ(client.ask(request_text("GET /hello/x"))->status, 200);
}

// Goal: what follows the head of a request whose body ends who knows where is never a request.
TEST(Server, ABodyWithoutAnEndIsTheLastThingRead) {
    TestServer server(echo_routes());
    const std::string length = "Content-Length: 5\r\n";
    const std::vector<std::string> heads = {
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n" + length + "\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        "Transfer-Encoding: gzip\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
        "POST /echo HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",  // refused for its Host
        "POST /%zz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
    };
    for (const std::string& head : heads) {
        RawClient client(server.port());
        const auto answer = client.ask(head + request_text("GET /hello/hidden"));
        ASSERT_TRUE(answer) << head;
        EXPECT_GE(answer->status, 400) << head;
        EXPECT_EQ(answer->headers.at("connection"), "close") << head;
        EXPECT_TRUE(client.closes()) << head << client.received();
    }
    RawClient client(server.port());
    const std::string chunks = "5\r\nhello\r\n0\r\n\r\n";
    ASSERT_TRUE(client.send(request_text("POST /echo", "Transfer-Encoding: Chunked\r\n") + chunks));
    EXPECT_EQ(client.read()->body, "hello");
    EXPECT_EQ(client.ask(request_text("GET /hello/x"))->status, 200);
}

// Goal: no prefix of a request is taken for a whole one, and none upsets the server.
TEST(Server, TruncatedRequestsGetNoAnswer) {
    TestServer server(echo_routes());
    const std::string whole = request_text("POST /echo", "X-Some: header\r\n", "0123456789");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        RawClient client(server.port());
        ASSERT_TRUE(client.send(std::string_view(whole).substr(0, size)));
        client.end();
        EXPECT_TRUE(client.closes()) << size << client.received();
    }
}

TEST(Server, SlowSendersAreCutOff) {
    TestServer server(echo_routes(), [](ServerOptions& options) {
        options.idle_timeout = milliseconds{300};
        options.header_timeout = milliseconds{200};
        options.body_timeout = milliseconds{200};
    });
    RawClient idle(server.port());
    RawClient slow_header(server.port());
    RawClient slow_body(server.port());
    ASSERT_TRUE(slow_header.send("GET /hel"));
    ASSERT_TRUE(slow_body.send(request_text("POST /echo", "Content-Length: 10\r\n") + "01"));
    EXPECT_TRUE(slow_header.closes(milliseconds{5000}));
    EXPECT_TRUE(slow_body.closes(milliseconds{5000}));
    EXPECT_TRUE(idle.closes(milliseconds{5000}));
}

// Goal: a byte now and then does not keep a request alive.
TEST(Server, DrippingSendersAreCutOff) {
    TestServer server(echo_routes(), [](ServerOptions& options) {
        options.header_timeout = milliseconds{300};
        options.body_timeout = milliseconds{300};
    });
    for (const std::string& begin : {std::string("GET /hello/x HTTP/1.1\r\nX: "),
                                     request_text("POST /echo", "Content-Length: 100000\r\n")}) {
        RawClient client(server.port());
        ASSERT_TRUE(client.send(begin));
        int drops = 0;
        while (drops < 1000 && client.send("x") && !client.closes(milliseconds{20})) ++drops;
        EXPECT_LT(drops, 1000);
        EXPECT_EQ(client.received(), "");
    }
}

TEST(Server, ConnectionsBeyondTheLimitAreRefused) {
    TestServer server(echo_routes(), [](ServerOptions& options) { options.connections = 2; });
    std::optional<RawClient> first(std::in_place, server.port());
    RawClient second(server.port());
    EXPECT_EQ(first->ask(request_text("GET /hello/x"))->status, 200);
    EXPECT_EQ(second.ask(request_text("GET /hello/x"))->status, 200);
    RawClient third(server.port());
    const auto refused = third.read();
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(refused->headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(refused->headers.at("x-request-id").size(), 16U);
    EXPECT_TRUE(refused->headers.contains("retry-after"));
    EXPECT_THAT(refused->body, HasSubstr(R"("code":"overloaded")"));
    EXPECT_TRUE(third.closes());
    first.reset();
    // The place is free as soon as the server has seen the other one leave.
    int status = 503;
    for (int i = 0; i < 1000 && status == 503; ++i) {
        RawClient fourth(server.port());
        const auto answer = fourth.ask(request_text("GET /hello/x"));
        status = answer ? answer->status : 503;
    }
    EXPECT_EQ(status, 200);
}

// A handler that waits to be let go.
struct Gate {
    std::promise<void> open;
    std::shared_future<void> opened = open.get_future().share();
    std::atomic<int> waiting{0};
    Handler handler() {
        return [this](const Request&) {
            ++waiting;
            opened.wait();
            return text("through");
        };
    }
    void await(int count) const {
        EXPECT_TRUE(test::eventually([&] { return waiting >= count; }));
    }
};

TEST(Server, AFullQueueIs503WithRetryAfter) {
    Gate gate;
    TestServer server({route("GET", "/gate", gate.handler())}, [](ServerOptions& options) {
        options.handler_threads = 1;
        options.handler_queue = 1;
    });
    RawClient running(server.port());
    RawClient queued(server.port());
    ASSERT_TRUE(running.send(request_text("GET /gate")));
    gate.await(1);
    ASSERT_TRUE(queued.send(request_text("GET /gate")));
    int status = 200;
    std::optional<RawAnswer> refused;
    RawClient other(server.port());
    while (status != 503) {  // until the queued one has its place, this one might take it
        ASSERT_TRUE(other.send(request_text("GET /gate")));
        refused = other.read(false, milliseconds{200});
        status = refused ? refused->status : 503;
    }
    gate.open.set_value();
    EXPECT_EQ(running.read()->body, "through");
    EXPECT_EQ(queued.read()->status, refused ? 200 : 503);
    if (refused) {
        EXPECT_TRUE(refused->headers.contains("retry-after"));
        EXPECT_THAT(refused->body, HasSubstr(R"("code":"overloaded")"));
    }
}

// Goal: requests that take long hinder each other, and nobody else.
TEST(Server, SlowRoutesHaveWorkersOfTheirOwn) {
    Gate gate;
    Route slow = route("GET", "/gate", gate.handler());
    slow.slow = true;
    TestServer server(
        {std::move(slow), route("GET", "/quick", [](const Request&) { return text("quick"); })},
        [](ServerOptions& options) {
            options.handler_threads = 1;
            options.slow_threads = 2;
        });
    std::deque<RawClient> slow_clients;
    for (int i = 0; i < 5; ++i) {
        slow_clients.emplace_back(server.port());
        ASSERT_TRUE(slow_clients.back().send(request_text("GET /gate")));
    }
    gate.await(2);
    EXPECT_EQ(RawClient(server.port()).ask(request_text("GET /quick"))->body, "quick");
    EXPECT_EQ(gate.waiting, 2);
    gate.open.set_value();
    for (RawClient& client : slow_clients) EXPECT_EQ(client.read()->body, "through");
}

// Goal: bodies in flight are bounded in sum, whatever their number.
TEST(Server, BodiesInFlightAreBounded) {
    Gate gate;
    TestServer server({route("POST", "/gate", gate.handler())}, [](ServerOptions& options) {
        options.body_bytes = 30'000'000;
        options.bodies_in_flight_bytes = 1'000'000;
    });
    const std::string body(26'000'000, 'x');
    RawClient first(server.port());
    RawClient second(server.port());
    ASSERT_TRUE(first.send(request_text("POST /gate", "", body)));
    gate.await(1);
    const auto refused = second.ask(request_text("POST /gate", "", body));
    EXPECT_EQ(refused->status, 503);
    EXPECT_TRUE(refused->headers.contains("retry-after"));
    gate.open.set_value();
    EXPECT_EQ(first.read()->body, "through");
    RawClient third(server.port());
    EXPECT_EQ(third.ask(request_text("POST /gate", "", body))->body, "through");
}

// Goal: a body that is permitted is not told to come again later, however small the bound is.
TEST(Server, TheLargestBodyFitsIntoTheBound) {
    TestServer server(echo_routes(), [](ServerOptions& options) {
        options.body_bytes = 3'000'000;
        options.bodies_in_flight_bytes = 1;
    });
    std::string body(3'000'000, '\0');
    std::minstd_rand random(7);
    std::ranges::generate(body, [&] { return static_cast<char>(random() >> 8U); });
    RawClient client(server.port());
    EXPECT_EQ(client.ask(request_text("POST /size", "", body))->body, "3000000");
    // As random bytes pack badly, what comes in may be more than what is permitted to come out.
    body.resize(2'900'000);
    for (const Coding coding : {Coding::gzip, Coding::zstd}) {
        const std::string header = "Content-Encoding: " + std::string(to_string(coding)) + "\r\n";
        EXPECT_EQ(client.ask(request_text("POST /size", header, compress(coding, body)))->body,
                  "2900000");
    }
}

// Goal: a client whose token is not cached does not wait behind slow handlers.
TEST(Server, SlowHandlersDoNotDelayAuthentication) {
    Gate gate;
    TestServer server({route("GET", "/gate", gate.handler()),
                       {.method = "POST",
                        .pattern = "/v1/quick",
                        .scope = Scope::write,
                        .parameters = {},
                        .async_handler =
                            [](Request&&, const std::function<void(Response)>& respond) {
                                respond(text("kept"));
                            }}},
                      [](ServerOptions& options) { options.handler_threads = 2; });
    RawClient first(server.port());
    RawClient second(server.port());
    ASSERT_TRUE(first.send(request_text("GET /gate")));
    ASSERT_TRUE(second.send(request_text("GET /gate")));
    gate.await(2);
    RawClient writer(server.port());
    ASSERT_TRUE(
        writer.send(request_text("POST /v1/quick", "Authorization: Token atlas_all\r\n", "{}")));
    const auto answer = writer.read(false, milliseconds{5000});
    gate.open.set_value();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "kept");
    EXPECT_EQ(first.read()->body, "through");
    EXPECT_EQ(second.read()->body, "through");
}

// Goal: an authenticator that does not return delays no response, nor those of queued requests.
TEST(Server, AuthenticationThatTakesTooLongIs503) {
    TestServer server(echo_routes(), [](ServerOptions& options) {
        options.auth_threads = 1;
        options.auth_timeout = milliseconds{200};
    });
    std::promise<void> open;
    server.authenticator.before_verdict = [opened = open.get_future().share()] { opened.wait(); };
    const std::string request = request_text("GET /v1/mine", "Authorization: Token atlas_all\r\n");
    RawClient first(server.port());
    RawClient second(server.port());
    ASSERT_TRUE(first.send(request));
    ASSERT_TRUE(second.send(request));
    for (RawClient* client : {&first, &second}) {
        const auto answer = client->read();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 503);
        EXPECT_THAT(answer->body, HasSubstr(R"("code":"database_busy")"));
        EXPECT_TRUE(answer->headers.contains("retry-after"));
    }
    open.set_value();
    EXPECT_EQ(first.ask(request)->body, "default");
}

// Goal: responses that no client reads are bounded in sum, too.
TEST(Server, AnswersInFlightAreBounded) {
    TestServer server(
        {route("GET", "/huge", [](const Request&) { return text(std::string(40'000'000, 'x')); })},
        [](ServerOptions& options) { options.answers_in_flight_bytes = 50'000'000; });
    RawClient unread(server.port());
    ASSERT_TRUE(unread.send(request_text("GET /huge")));
    ASSERT_TRUE(unread.waits_for_bytes());  // the answer is under way, and fills the socket
    RawClient second(server.port());
    EXPECT_EQ(second.ask(request_text("GET /huge"))->status, 503);
    EXPECT_EQ(unread.read()->body.size(), 40'000'000U);
    // The server may be a moment behind in noticing that its last byte is gone.
    int status = 503;
    for (int i = 0; i < 1000 && status == 503; ++i) {
        status = second.ask(request_text("GET /huge"))->status;
    }
    EXPECT_EQ(status, 200);
}

// Goal: what belongs to no body is bounded as well: trailers and the extensions of chunks.
TEST(Server, EndlessChunkHeadersAndTrailersAreCutOff) {
    TestServer server(echo_routes());
    for (const std::string begin : {"5;", "0\r\nTrailer: "}) {
        RawClient client(server.port());
        ASSERT_TRUE(client.send(request_text("POST /echo", "Transfer-Encoding: chunked\r\n")));
        ASSERT_TRUE(client.send(begin));
        const std::string more(100'000, 'x');
        int sent = 0;
        while (sent < 200 && client.send(more)) ++sent;
        EXPECT_LT(sent, 200) << begin;
    }
}

TEST(Server, ManyConnectionsAtOnce) {
    TestServer server(echo_routes());
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 400; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
    for (auto& client : clients) ASSERT_TRUE(client->send(request_text("GET /hello/x")));
    for (auto& client : clients) EXPECT_EQ(client->read()->body, "hello x");
    EXPECT_THAT(server.registry.render(), HasSubstr("atlas_http_open_connections 400\n"));
}

// Goal: what is in flight when the end begins is answered; nothing new is taken.
TEST(Server, DrainFinishesWhatIsInFlight) {
    Gate gate;
    TestServer server({route("GET", "/gate", gate.handler())});
    RawClient busy(server.port());
    RawClient idle(server.port());
    ASSERT_TRUE(busy.send(request_text("GET /gate")));
    gate.await(1);
    auto drained = std::async(std::launch::async, [&] { server.server->drain(); });
    EXPECT_TRUE(idle.closes());
    EXPECT_EQ(server.readiness.reasons(), std::vector<std::string>{"draining"});
    EXPECT_FALSE(RawClient(server.port()).connected());
    gate.open.set_value();
    const auto answer = busy.read();
    EXPECT_EQ(answer->body, "through");
    EXPECT_EQ(answer->headers.at("connection"), "close");
    drained.get();
}

TEST(Server, ServesOnDuringTheDrainDelay) {
    TestServer server(echo_routes(), [](ServerOptions& options) {
        options.drain_delay = std::chrono::minutes{1};
    });
    auto drained = std::async(std::launch::async, [&] { server.server->drain(); });
    ASSERT_TRUE(test::eventually([&] { return !server.readiness.ready(); }));
    RawClient client(server.port());
    EXPECT_EQ(client.ask(request_text("GET /hello/x"))->status, 200);
    server.server->hurry();
    drained.get();
}

TEST(Server, APortInUseIsSaidInOneLine) {
    TestServer server(echo_routes());
    observe::Registry registry;
    TwoSecrets authenticator;
    ServerOptions options = test_options();
    options.port = server.port();
    Server second(options, echo_routes(), authenticator, registry);
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error(), HasSubstr("in use by another program"));
}

TEST(HealthRoutes, TellWhetherTheProcessServes) {
    observe::Registry registry;
    Readiness readiness;
    readiness.await("migrations");
    TestServer server(health_routes(readiness, registry));
    RawClient client(server.port());
    EXPECT_EQ(client.ask(request_text("GET /healthz"))->status, 200);
    const auto early = client.ask(request_text("GET /readyz"));
    EXPECT_EQ(early->status, 503);
    EXPECT_EQ(early->body, R"({"status":"not ready","reasons":["migrations"]})");
    readiness.done("migrations");
    EXPECT_EQ(client.ask(request_text("GET /readyz"))->status, 200);
    const auto metrics = client.ask(request_text("GET /metrics"));
    EXPECT_EQ(metrics->headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(client.ask(request_text("GET /openapi.yaml"))->body, HasSubstr("openapi: 3.1"));
}

}  // namespace
}  // namespace atlas::http
