// SPDX-License-Identifier: Apache-2.0
#include "http/routes/ops/web.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assets/web.h"
#include "http/server/test_server.h"

namespace atlas::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Goal: no script from elsewhere runs in the page, and no other site frames it.
TEST(WebRoutes, ThePageAndItsFilesCarryASecurityPolicy) {
    TestServer server(web_routes());
    RawClient client(server.port());
    std::vector<std::string> paths{"/"};
    for (const web::Asset& asset : web::assets()) {
        if (asset.path != "/index.html") paths.emplace_back(asset.path);
    }
    for (const std::string& path : paths) {
        auto answer = client.ask(request_text("GET " + path));
        ASSERT_TRUE(answer) << path;
        EXPECT_EQ(answer->status, 200) << path;
        EXPECT_THAT(answer->headers["content-security-policy"],
                    AllOf(HasSubstr("default-src 'self'"), HasSubstr("base-uri 'none'"),
                          HasSubstr("frame-ancestors 'none'")))
            << path;
        EXPECT_EQ(answer->headers["x-content-type-options"], "nosniff") << path;
        EXPECT_EQ(answer->headers["referrer-policy"], "no-referrer") << path;
    }
}

}  // namespace
}  // namespace atlas::http
