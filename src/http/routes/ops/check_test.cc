// SPDX-License-Identifier: Apache-2.0
#include "http/routes/ops/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas::http {
namespace {

using ::testing::HasSubstr;

class CheckRoutes : public ::testing::Test {
protected:
    Response send(std::size_t route, std::string body, AuthMode mode = AuthMode::off,
                  TenantId tenant = TenantId{2}) {
        const auto routes = check_routes(mode, {.begin =
                                                    [this](const StoreCheck& check) {
                                                        asked_ = check;
                                                        return start_;
                                                    },
                                                .report = [this] { return report_; },
                                                .forward = forward_});
        EXPECT_EQ(routes.at(route).scope, Scope::admin);
        Request request;
        request.tenant = tenant;
        request.body = std::move(body);
        request.content_type = "application/json";
        return routes.at(route).handler(request);
    }
    Response begin(std::string body, AuthMode mode = AuthMode::off, TenantId tenant = TenantId{2}) {
        return send(0, std::move(body), mode, tenant);
    }

    Forward forward_;
    CheckStart start_ = CheckStart::begun;
    std::optional<StoreReport> report_ = StoreReport{.state = "running"};
    std::optional<StoreCheck> asked_;
};

TEST_F(CheckRoutes, BeginACheckOfARangeOrOfEverything) {
    EXPECT_EQ(begin("").status, 202);
    ASSERT_TRUE(asked_);
    EXPECT_FALSE(asked_->from || asked_->until);
    EXPECT_TRUE(asked_->repair);
    const auto response =
        begin(R"({"from":"2026-11-29T00:00:00Z","to":"2026-11-30T00:00:00Z","repair":false})");
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(format_rfc3339(asked_->from.value()), "2026-11-29T00:00:00.000000Z");
    EXPECT_EQ(format_rfc3339(asked_->until.value()), "2026-11-30T00:00:00.000000Z");
    EXPECT_FALSE(asked_->repair);
    asked_.reset();
    EXPECT_EQ(begin(R"({"from":"2026-11-29T00:00:00Z","to":"2026-11-28T00:00:00Z"})").status, 400);
    EXPECT_EQ(begin(R"({"day":"2026-11-29"})").status, 400);
    EXPECT_FALSE(asked_);
}

TEST_F(CheckRoutes, OneRunsAtATimeAndWhereTheStoreIs) {
    start_ = CheckStart::running;
    EXPECT_EQ(begin("{}").status, 409);
    start_ = CheckStart::filling;
    const auto filling = begin("{}");
    EXPECT_EQ(filling.status, 503);
    EXPECT_THAT(filling.body, HasSubstr("being filled"));
    start_ = CheckStart::no_store;
    report_.reset();
    const auto none = begin("{}");
    EXPECT_EQ(none.status, 503);
    EXPECT_THAT(none.body, HasSubstr("analytics_unavailable"));
    EXPECT_EQ(send(1, "").status, 503);
}

TEST_F(CheckRoutes, AreForwardedToTheProcessWithTheStore) {
    forward_ = [](const Request&) { return Response{.status = 503}; };
    EXPECT_EQ(begin("").status, 202);
    asked_.reset();
    report_.reset();
    forward_ = [](const Request&) { return Response{.status = 202, .body = "theirs"}; };
    EXPECT_EQ(begin("{}").body, "theirs");
    EXPECT_EQ(send(1, "").body, "theirs");
    EXPECT_FALSE(asked_);
    EXPECT_EQ(begin("{}", AuthMode::on).status, 403);
}

TEST_F(CheckRoutes, ShowHowFarItIs) {
    report_ = StoreReport{.state = "done",
                          .began = time_from_micros(0),
                          .days = 3,
                          .days_done = 3,
                          .points = {.compared = 12, .missing = 1, .changed = 2, .extra = 3},
                          .repaired = 6};
    const auto response = send(1, "");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(
        response.body,
        R"({"state":"done","repair":true,"began_at":"1970-01-01T00:00:00.000000Z","ended_at":null,)"
        R"("days":3,"days_done":3,)"
        R"("data_points":{"compared":12,"missing":1,"changed":2,"extra":3},)"
        R"("rows":{"compared":0,"missing":0,"changed":0,"extra":0},)"
        R"("repaired":6,"undecided":0,"detail":""})");
}

// Goal: the data of the store is that of all tenants.
TEST_F(CheckRoutes, WithTokensOnlyTheSystemTenantChecks) {
    EXPECT_EQ(begin("{}", AuthMode::on, kSystemTenant).status, 202);
    asked_.reset();
    EXPECT_EQ(begin("{}", AuthMode::on).status, 403);
    EXPECT_EQ(send(1, "", AuthMode::on).status, 403);
    EXPECT_FALSE(asked_);
}

}  // namespace
}  // namespace atlas::http
