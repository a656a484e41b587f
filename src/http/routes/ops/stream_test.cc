// SPDX-License-Identifier: Apache-2.0
#include "http/routes/ops/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StreamRoutes : public ::testing::Test {
protected:
    Response rebuild(AuthMode mode, TenantId tenant, std::string body) {
        const auto routes = stream_routes(mode, [this](std::string_view follower) {
            asked_.emplace_back(follower);
            return follower.empty() || follower == "analytics"
                       ? std::vector<std::string>{"analytics"}
                       : std::vector<std::string>{};
        });
        EXPECT_EQ(routes.at(0).scope, Scope::admin);
        Request request;
        request.tenant = tenant;
        request.body = std::move(body);
        request.content_type = "application/json";
        return routes.at(0).handler(request);
    }
    std::vector<std::string> asked_;
};

TEST_F(StreamRoutes, RebuildTheFollowerThatIsNamedOrAll) {
    const auto one = rebuild(AuthMode::off, TenantId{2}, R"({"follower":"analytics"})");
    EXPECT_EQ(one.status, 202);
    EXPECT_EQ(one.body, R"({"followers":["analytics"]})");
    EXPECT_EQ(rebuild(AuthMode::off, TenantId{2}, "").status, 202);
    EXPECT_THAT(asked_, ElementsAre("analytics", ""));
    const auto none = rebuild(AuthMode::off, TenantId{2}, R"({"follower":"kafka"})");
    EXPECT_EQ(none.status, 404);
    EXPECT_THAT(none.body, HasSubstr("follower_not_found"));
    EXPECT_EQ(rebuild(AuthMode::off, TenantId{2}, R"({"name":"analytics"})").status, 400);
}

// Goal: the data of a follower is that of all tenants, so no other tenant's admin can drop it.
TEST_F(StreamRoutes, WithTokensOnlyTheSystemTenantRebuilds) {
    EXPECT_EQ(rebuild(AuthMode::on, kSystemTenant, "{}").status, 202);
    const auto other = rebuild(AuthMode::on, TenantId{2}, "{}");
    EXPECT_EQ(other.status, 403);
    EXPECT_THAT(other.body, HasSubstr("system_tenant_required"));
    EXPECT_THAT(asked_, ElementsAre(""));
}

}  // namespace
}  // namespace atlas::http
