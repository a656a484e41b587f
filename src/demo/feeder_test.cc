// SPDX-License-Identifier: Apache-2.0
//
// Goal: the feeder writes nothing before it knows what the server holds, and then only what is
// newer. Method: a server that first fails, then knows one device's newest observation.
#include "demo/feeder.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "testing/http_stub.h"

namespace atlas::demo {
namespace {

using namespace std::chrono_literals;
using test::HttpStub;

class Server {
public:
    explicit Server(Time newest) : newest_(newest) {}

    HttpStub::Response operator()(const HttpStub::Request& request) {
        const std::scoped_lock lock(mutex_);
        if (request.target.starts_with("/v1/entities")) return list();
        if (request.target.starts_with("/v1/attributes")) {
            return {200, R"({"attributes":[],"next_page_token":""})"};
        }
        EXPECT_EQ(failures_, 0) << "written before the list was read";
        lines_ += request.body;
        changed_.notify_all();
        return {200, R"({"accepted":1,"rejected":0,"errors":[]})"};
    }

    // Everything written, once there is a line of `entity`.
    std::string lines_with(const std::string& entity) {
        std::unique_lock lock(mutex_);
        const auto there = [&] { return lines_.find(named(entity)) != std::string::npos; };
        EXPECT_TRUE(changed_.wait_for(lock, 30s, there));
        return lines_;
    }

    static std::string named(const std::string& entity) { return "\"entity\":\"" + entity + "\""; }

private:
    HttpStub::Response list() {
        if (failures_-- > 0) return {503, R"({"code":"unavailable","detail":"away"})"};
        failures_ = 0;
        if (!second_page_) {
            second_page_ = true;
            return {200, R"({"entities":[],"next_page_token":"more"})"};
        }
        return {200, R"({"entities":[{"entity":"ham-site","last_observed_at":")" +
                         format_rfc3339(newest_) + R"("}],"next_page_token":""})"};
    }

    const Time newest_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int failures_ = 2;
    bool second_page_ = false;
    std::string lines_;
};

TEST(Feeder, WritesWhatTheServerDoesNotHold) {
    const Time newest = now() - 45s;
    Server server(newest);
    HttpStub stub([&](const auto& request) { return server(request); });
    Feeder feeder({.url = stub.url()}, 7, {});
    feeder.start();
    const std::string lines = server.lines_with("ham-site");
    feeder.stop();
    EXPECT_EQ(feeder.totals().dropped_points, 0U);
    const auto begin = lines.find(Server::named("ham-site"));
    const auto at = lines.find("\"at\":\"", begin) + 6;
    const auto first = parse_rfc3339(lines.substr(at, lines.find('"', at) - at));
    ASSERT_TRUE(first);
    EXPECT_GT(*first, newest);
    EXPECT_LE(*first, newest + 10s);
    EXPECT_NE(lines.find(Server::named("por-site")), std::string::npos);
    EXPECT_LT(lines.find(Server::named("por-site")), begin);
}

}  // namespace
}  // namespace atlas::demo
