// SPDX-License-Identifier: Apache-2.0
#include "collect/sender.h"

#include <gtest/gtest.h>

#include <atomic>

#include "testing/http_stub.h"

namespace atlas::collect {
namespace {

using test::HttpStub;
using namespace std::chrono_literals;

// A server that stores what it was sent.
class Sink {
public:
    HttpStub::Response operator()(const HttpStub::Request& request) {
        const std::scoped_lock lock(mutex_);
        if (request.method == "PUT") puts_.push_back(request.target + " " + request.body);
        if (request.method == "GET") {
            return {200, R"({"attributes":[{"name":"known"}],"next_page_token":""})"};
        }
        if (request.method != "POST") return {200, "{}"};
        if (failures_ > 0) {
            --failures_;
            return {503, R"({"code":"unavailable","detail":"away"})", {{"Retry-After", "0"}}};
        }
        bodies_ += request.body;
        return {200, R"({"accepted":2,"rejected":1,"errors":[]})"};
    }
    void fail(int times) { failures_ = times; }
    std::string bodies() {
        const std::scoped_lock lock(mutex_);
        return bodies_;
    }
    std::vector<std::string> puts() {
        const std::scoped_lock lock(mutex_);
        return puts_;
    }

private:
    std::mutex mutex_;
    int failures_ = 0;
    std::string bodies_;
    std::vector<std::string> puts_;
};

TEST(Sender, DeclaresThenDeliversAndCounts) {
    Sink sink;
    HttpStub stub([&](const auto& request) { return sink(request); });
    Sender sender({.url = stub.url()}, {});
    sender.start();
    sender.push({"{\"a\":1}\n", {{"load", "double", "1/s", true}, {"known"}}, 3, 1});
    ASSERT_TRUE(sender.flush(5s));
    EXPECT_EQ(sink.bodies(), "{\"a\":1}\n");
    EXPECT_EQ(sink.puts(), std::vector<std::string>{
                               R"(/v1/attributes/load {"type":"double","unit":"1/s","hot":true})"});
    EXPECT_EQ(sender.totals().delivered_points, 2U);
    EXPECT_EQ(sender.totals().refused_points, 1U);
}

TEST(Sender, KeepsEverythingInOrderWhileTheServerIsAway) {
    Sink sink;
    sink.fail(2);
    HttpStub stub([&](const auto& request) { return sink(request); });
    std::vector<std::string> said;
    Sender sender({.url = stub.url()}, [&](const std::string& text) { said.push_back(text); });
    std::string expected;
    for (int i = 0; i < 50; ++i) {
        sender.push({std::to_string(i) + "\n", {}, 1, 1});
        expected += std::to_string(i) + "\n";
    }
    sender.start();
    ASSERT_TRUE(sender.flush(20s));
    sender.stop();
    EXPECT_EQ(sink.bodies(), expected);
    EXPECT_EQ(sender.totals().dropped_points, 0U);
    ASSERT_EQ(said.size(), 3U);
    EXPECT_EQ(said[0], "buffering telemetry until the server accepts it: away");
    EXPECT_EQ(said[1], "delivering telemetry to " + stub.url() + " again");
}

TEST(Sender, DropsTheOldestBeyondItsBoundAndKeepsTheirDeclarations) {
    Sink sink;
    HttpStub stub([&](const auto& request) { return sink(request); });
    Sender sender({.url = stub.url()}, {});
    const std::string big(Sender::kMaxPending / 2, 'x');
    sender.push({big, {{"first"}}, 7, 1});
    sender.push({big, {}, 7, 1});
    sender.push({"last\n", {}, 1, 1});
    EXPECT_EQ(sender.totals().dropped_points, 7U);
    sender.start();
    ASSERT_TRUE(sender.flush(20s));
    EXPECT_TRUE(sink.bodies() == big + "last\n");
    ASSERT_EQ(sink.puts().size(), 1U);
    EXPECT_TRUE(sink.puts()[0].starts_with("/v1/attributes/first"));
}

TEST(Sender, StopsInBoundedTimeWithoutAServer) {
    std::string gone;
    {
        HttpStub stub([](const auto&) { return HttpStub::Response{}; });
        gone = stub.url();
    }
    Sender sender({.url = gone}, {});
    sender.start();
    sender.push({"{}\n", {}, 1, 1});
    const auto begin = std::chrono::steady_clock::now();
    sender.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

}  // namespace
}  // namespace atlas::collect
