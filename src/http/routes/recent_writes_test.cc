// SPDX-License-Identifier: Apache-2.0
#include "http/routes/recent_writes.h"

#include <gtest/gtest.h>

#include "query/consistency_token.h"

namespace atlas::http {
namespace {

constexpr TenantId kTenant{7};

constexpr LogPosition at(std::uint64_t lsn) {
    return {.timeline = 1, .lsn = Lsn{lsn}};
}

struct RecentWritesTest : testing::Test {
    Response answer(int status, std::optional<LogPosition> position) {
        Response response;
        response.status = status;
        if (position) {
            response.headers.emplace_back(
                "X-Consistency-Token",
                query::encode_consistency_token({.system = 1, .position = *position}));
        }
        return response;
    }
    // What is noted once the route has responded so.
    std::optional<LogPosition> noted(const std::string& method, const Response& response,
                                     bool async = false) {
        Route route{.method = method, .pattern = "/"};
        if (async) {
            route.async_handler = [&](Request&&, const std::function<void(Response)>& respond) {
                respond(response);
            };
        } else {
            route.handler = [&](const Request&) { return response; };
        }
        const auto routes = note_writes({route}, writes, [this] { return end; });
        Request request;
        request.tenant = kTenant;
        if (async) {
            int status = 0;
            routes.front().async_handler(std::move(request),
                                         [&](const Response& said) { status = said.status; });
            EXPECT_EQ(status, response.status);
        } else {
            EXPECT_EQ(routes.front().handler(request).status, response.status);
        }
        return writes.newest(kTenant);
    }

    RecentWrites writes;
    std::optional<LogPosition> end = at(50);
};

TEST_F(RecentWritesTest, AChangeIsNotedByItsToken) {
    EXPECT_EQ(noted("POST", answer(200, at(10)), true), at(10));
    EXPECT_EQ(noted("POST", answer(204, at(12)), true), at(12));
    EXPECT_EQ(noted("DELETE", answer(204, at(20))), at(20));
    EXPECT_EQ(noted("POST", answer(200, at(15)), true), at(20));  // committed before
    EXPECT_EQ(writes.newest(TenantId{8}), std::nullopt);
}

TEST_F(RecentWritesTest, AChangeWithoutATokenIsNotedByTheEndOfTheLog) {
    EXPECT_EQ(noted("PATCH", answer(200, {})), at(50));
    end.reset();
    EXPECT_EQ(noted("PATCH", answer(200, {})), at(50));
}

TEST_F(RecentWritesTest, WhatChangesNothingIsNotNoted) {
    EXPECT_EQ(noted("GET", answer(200, at(10))), std::nullopt);
    EXPECT_EQ(noted("PATCH", answer(409, {})), std::nullopt);
    EXPECT_EQ(noted("POST", answer(200, {}), true), std::nullopt);  // a dry run
    EXPECT_EQ(noted("POST", answer(503, {}), true), std::nullopt);
}

}  // namespace
}  // namespace atlas::http
