// SPDX-License-Identifier: Apache-2.0
//
// Goal: what is passed on is who asks and what for, what comes back is the response as it was; a
// process that is gone, silent or in a circle is a 503 in time.
#include "forward/forwarder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "testing/http_stub.h"

namespace atlas::forward {
namespace {

using namespace std::chrono_literals;
using test::HttpStub;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

http::Request question() {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/analytics/queries/a/b";
    request.target = "/v1/analytics/queries/a%2Fb?format=csv";
    request.headers = {{"authorization", "Bearer atlas_x"},
                       {"x-atlas-tenant", "acme"},
                       {"accept", "text/csv"},
                       {"content-encoding", "gzip"},
                       {"origin", "http://elsewhere"}};
    request.body = "{}";
    request.request_id = "id-1";
    return request;
}

class ForwarderTest : public testing::Test {
protected:
    // The addresses are found one after the other.
    http::Response forward(std::vector<std::string> urls, const http::Request& request,
                           std::chrono::milliseconds response_timeout = 30s) {
        std::size_t asked = 0;
        Forwarder forwarder({.find = [&](bool) -> std::optional<std::string> {
                                 if (asked == urls.size()) return std::nullopt;
                                 return urls[asked++];
                             },
                             .response_timeout = response_timeout},
                            registry_);
        return forwarder.forward(request);
    }

    observe::Registry registry_;
};

TEST_F(ForwarderTest, PassesOnWhoAsksAndWhatFor) {
    HttpStub::Request seen;
    HttpStub stub([&](const HttpStub::Request& request) {
        seen = request;
        return HttpStub::Response{412,
                                  "a,b\n",
                                  {{"X-Data-Lag-Seconds", "0.2"},
                                   {"X-Request-Id", "theirs"},
                                   {"Content-Type", "text/csv"}}};
    });
    const auto response = forward({stub.url()}, question());
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/v1/analytics/queries/a%2Fb?format=csv");
    EXPECT_EQ(seen.body, "{}");
    EXPECT_EQ(seen.header("authorization"), "Bearer atlas_x");
    EXPECT_EQ(seen.header("x-atlas-tenant"), "acme");
    EXPECT_EQ(seen.header("accept"), "text/csv");
    EXPECT_EQ(seen.header("x-request-id"), "id-1");
    EXPECT_EQ(seen.header("content-encoding"), "") << "the body is decoded";
    EXPECT_EQ(seen.header("origin"), "") << "the site was checked";
    EXPECT_EQ(response.status, 412);
    EXPECT_EQ(response.body, "a,b\n");
    EXPECT_EQ(response.content_type, "text/csv");
    EXPECT_THAT(response.headers, Contains(Pair("x-data-lag-seconds", "0.2")));
    EXPECT_THAT(response.headers, Not(Contains(Pair("x-request-id", "theirs"))));
}

TEST_F(ForwarderTest, ABodyOfAnyLengthComesInPiecesAndOneThatIsCutThrows) {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    for (const bool cut : {false, true}) {
        HttpStub stub([&](const HttpStub::Request&) {
            return HttpStub::Response{.raw = cut ? chunked : chunked + "0\r\n\r\n"};
        });
        const auto response = forward({stub.url()}, question());
        ASSERT_EQ(response.status, 200);
        ASSERT_TRUE(response.stream);
        std::string piece;
        ASSERT_TRUE(response.stream->next(piece));
        EXPECT_EQ(piece, "abc");
        if (cut) {
            EXPECT_THROW(response.stream->next(piece), std::runtime_error);
        } else {
            EXPECT_FALSE(response.stream->next(piece));
        }
    }
}

TEST_F(ForwarderTest, WithoutAProcessItIsUnavailable) {
    const auto response = forward({}, question());
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, HasSubstr("\"analytics_unavailable\""));
    EXPECT_THAT(response.body, HasSubstr("No process here has an analytics store"));
}

// Goal: a process that was killed is looked for again, because another one may have taken over.
TEST_F(ForwarderTest, AnAddressWhereNothingAnswersIsLookedUpAgain) {
    std::string gone;
    {
        gone = HttpStub([](const HttpStub::Request&) { return HttpStub::Response{}; }).url();
    }
    HttpStub stub([](const HttpStub::Request&) { return HttpStub::Response{200, "{}"}; });
    EXPECT_EQ(forward({gone, stub.url()}, question()).status, 200);
    const auto response = forward({gone, gone}, question());
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, HasSubstr(gone));
}

// Goal: what may have begun is not asked twice, and a silent process costs its time limit.
TEST_F(ForwarderTest, ASilentProcessIsUnavailableInTime) {
    std::promise<void> release;
    auto released = release.get_future().share();
    std::atomic<int> asked = 0;
    HttpStub stub([&](const HttpStub::Request&) {
        ++asked;
        released.wait();
        return HttpStub::Response{};
    });
    const auto response = forward({stub.url(), stub.url()}, question(), 50ms);
    release.set_value();
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(asked, 1);
}

// Goal: questions that take long leave threads for other requests.
TEST_F(ForwarderTest, ABoundedNumberWaitsAtOnce) {
    std::promise<void> begun;
    std::promise<void> release;
    auto released = release.get_future().share();
    HttpStub stub([&](const HttpStub::Request&) {
        begun.set_value();
        released.wait();
        return HttpStub::Response{200, "{}"};
    });
    Forwarder forwarder(
        {.find = [&](bool) { return std::optional(stub.url()); }, .most_waiting = 1}, registry_);
    auto first = std::async(std::launch::async, [&] { return forwarder.forward(question()); });
    begun.get_future().wait();
    const auto second = forwarder.forward(question());
    release.set_value();
    EXPECT_EQ(second.status, 503);
    EXPECT_THAT(second.body, HasSubstr("already wait"));
    EXPECT_EQ(first.get().status, 200);
}

TEST_F(ForwarderTest, AClientThatGoesAwayEndsTheRequest) {
    std::stop_source gone;
    std::promise<void> release;
    auto released = release.get_future().share();
    HttpStub stub([&](const HttpStub::Request&) {
        gone.request_stop();
        released.wait();
        return HttpStub::Response{};
    });
    http::Request request = question();
    request.gone = gone.get_token();
    const auto response = forward({stub.url()}, request);
    release.set_value();
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, HasSubstr("cancelled"));
}

TEST_F(ForwarderTest, ALookHasItsOwnLimit) {
    std::promise<void> release;
    auto released = release.get_future().share();
    HttpStub silent([&](const HttpStub::Request&) {
        released.wait();
        return HttpStub::Response{};
    });
    HttpStub stub([](const HttpStub::Request&) { return HttpStub::Response{200, "{}"}; });
    std::string url = silent.url();
    const Forwarder forwarder({.find = [&](bool) { return std::optional(url); }}, registry_);
    EXPECT_FALSE(forwarder.look(question(), 50ms));
    release.set_value();
    url = stub.url();
    const auto response = forwarder.look(question(), 30s);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "{}");
}

TEST_F(ForwarderTest, ARequestIsPassedOnOnce) {
    HttpStub::Request seen;
    HttpStub stub([&](const HttpStub::Request& request) {
        seen = request;
        return HttpStub::Response{200, "{}"};
    });
    EXPECT_EQ(forward({stub.url()}, question()).status, 200);
    http::Request again = question();
    again.headers.emplace_back("x-atlas-forwarded", seen.header("x-atlas-forwarded"));
    EXPECT_EQ(forward({stub.url()}, again).status, 503);
    EXPECT_EQ(stub.connections(), 1);
}

}  // namespace
}  // namespace atlas::forward
