// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>

#include "client/problem.h"
#include "testing/http_stub.h"

namespace atlas::client {
namespace {

using test::HttpStub;

TEST(HttpClient, SendsTokenTenantAndBodyAndKeepsItsConnection) {
    HttpStub::Request seen;
    HttpStub stub([&](const HttpStub::Request& request) {
        seen = request;
        return HttpStub::Response{200, "{}", {{"X-Consistency-Token", "0/1"}}};
    });
    HttpClient client({.url = stub.url(), .token = "atlas_x", .tenant = "acme"});
    for (int i = 0; i < 3; ++i) {
        const auto response = client.send({.method = "POST",
                                           .target = "/v1/telemetry?atomic=true",
                                           .body = "{\"a\":1}",
                                           .content_type = "application/json"});
        ASSERT_TRUE(response) << response.error().detail;
        EXPECT_EQ(response->status, 200);
        EXPECT_EQ(response->header("x-consistency-token"), "0/1");
    }
    EXPECT_EQ(stub.connections(), 1);
    EXPECT_EQ(seen.target, "/v1/telemetry?atomic=true");
    EXPECT_EQ(seen.body, "{\"a\":1}");
    EXPECT_EQ(seen.header("authorization"), "Bearer atlas_x");
    EXPECT_EQ(seen.header("x-atlas-tenant"), "acme");
    EXPECT_EQ(seen.header("content-type"), "application/json");
}

TEST(HttpClient, ReplacesAKeptConnectionThatTheServerClosed) {
    std::atomic<int> calls = 0;
    HttpStub stub([&](const HttpStub::Request&) {
        HttpStub::Response response{200, std::to_string(++calls)};
        response.close_after = true;
        return response;
    });
    HttpClient client({.url = stub.url()});
    for (int i = 1; i <= 3; ++i) {
        const auto response = client.send({});
        ASSERT_TRUE(response) << response.error().detail;
        EXPECT_EQ(response->body, std::to_string(i));
    }
}

// Goal: a token is not made twice because its response got lost.
TEST(HttpClient, RepeatsOnlyWhatIsHarmlessToRepeat) {
    std::atomic<int> calls = 0;
    HttpStub stub([&](const HttpStub::Request&) {
        HttpStub::Response response{200, "{}"};
        response.hang_up_instead = ++calls > 1;
        return response;
    });
    HttpClient client({.url = stub.url()});
    ASSERT_TRUE(client.send({}));
    const auto response = client.send({.method = "POST", .target = "/v1/tokens", .body = "{}"});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, TransportErrc::broken);
    EXPECT_EQ(calls, 2);
}

TEST(HttpClient, SaysWhyThereIsNoAnswer) {
    EXPECT_EQ(HttpClient({.url = "ftp://x"}).send({}).error().code, TransportErrc::bad_url);
    std::string gone;
    {
        HttpStub stub([](const HttpStub::Request&) { return HttpStub::Response{}; });
        gone = stub.url();
    }
    EXPECT_EQ(HttpClient({.url = gone}).send({}).error().code, TransportErrc::unreachable);
}

TEST(HttpClient, GivesUpWaitingForAnAnswer) {
    std::promise<void> release;
    auto released = release.get_future();
    HttpStub stub([&](const HttpStub::Request&) {
        released.wait();
        return HttpStub::Response{};
    });
    HttpClient client({.url = stub.url(), .response_timeout = std::chrono::milliseconds{50}});
    const auto response = client.send({});
    release.set_value();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, TransportErrc::timed_out);
}

// What receive() hands on, and the code of its error.
struct Received {
    std::string body;
    std::optional<TransportErrc> error;
    int status = 0;
    std::string rest;  // the body of the response itself
};

Received receive(std::string raw) {
    HttpStub stub([&](const HttpStub::Request&) { return HttpStub::Response{.raw = raw}; });
    HttpClient client({.url = stub.url()});
    Received received;
    const auto response =
        client.receive({.method = "POST", .target = "/v1/analytics/export", .body = "{}"},
                       [&](std::string_view part) { received.body += part; });
    if (response) {
        received.status = response->status;
        received.rest = response->body;
    } else {
        received.error = response.error().code;
    }
    return received;
}

// Goal: a body of any length comes in parts, and one that was cut is told from a whole one.
TEST(HttpClient, ReceivesBodiesInPartsAndNoticesTheirEnd) {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(receive(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").body, "abcde");
    const Received cut = receive(chunked + "3\r\nabc\r\n");
    EXPECT_EQ(cut.body, "abc");
    EXPECT_EQ(cut.error, TransportErrc::broken);
    const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n";
    const std::string big(200'000, 'x');
    EXPECT_EQ(receive(sized + big).body, big);
    EXPECT_EQ(receive(sized + big.substr(1)).error, TransportErrc::broken);
    EXPECT_EQ(receive("HTTP/1.1 200 OK\r\n\r\nabc").error, TransportErrc::broken);
    const Received refused = receive("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.rest, "{}");
    EXPECT_EQ(refused.body, "");
}

TEST(Problem, IsReadFromProblemJsonAndFromForeignText) {
    const Response refused{400, {}, R"({"code":"invalid_filter","detail":"expected a value"})"};
    EXPECT_EQ(problem_of(refused).code, "invalid_filter");
    EXPECT_EQ(problem_of(refused).detail, "expected a value");
    const Response proxy{502, {}, "Bad Gateway"};
    EXPECT_EQ(problem_of(proxy).code, "");
    EXPECT_EQ(problem_of(proxy).detail, "HTTP 502 Bad Gateway");
    const Response busy{429, {{"retry-after", "3"}}, ""};
    EXPECT_EQ(busy.retry_after(), std::chrono::seconds{3});
}

}  // namespace
}  // namespace atlas::client
