// SPDX-License-Identifier: Apache-2.0
#include "http/routes/paging.h"

#include <gtest/gtest.h>

namespace atlas::http {
namespace {

TEST(Page, ATokenOfOnesOwnMakingHoldsAText) {
    Request request;
    request.tenant = kDefaultTenant;
    const auto page_after = [&](std::string_view key) {
        Request next = request;
        next.query = {{"page_token", make_page_token(request, "attributes", key)}};
        return read_page(next, "attributes");
    };
    const auto good = page_after("gr\xc3\xbcn");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->after, "gr\xc3\xbcn");
    for (const std::string_view key : {std::string_view("\xff"), std::string_view("a\0b", 3)}) {
        const auto page = page_after(key);
        ASSERT_FALSE(page);
        EXPECT_EQ(page.error().status, 400);
    }
}

TEST(Page, TokensBelongToTheirTenantAndList) {
    Request request;
    request.tenant = kDefaultTenant;
    const std::string token = make_page_token(request, "attributes", "a name");
    request.query = {{"page_token", token}, {"page_size", "5"}};
    EXPECT_EQ(read_page(request, "attributes")->after, "a name");
    EXPECT_EQ(read_page(request, "attributes")->size, 5);
    EXPECT_EQ(read_page(request, "tenants").error().status, 400);
    request.tenant = kSystemTenant;
    EXPECT_EQ(read_page(request, "attributes").error().status, 400);
    request.query = {{"page_size", "0"}};
    EXPECT_EQ(read_page(request, "attributes").error().status, 400);
}

}  // namespace
}  // namespace atlas::http
