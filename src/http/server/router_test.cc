// SPDX-License-Identifier: Apache-2.0
#include "http/server/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace atlas::http {
namespace {

Route route(std::string method, std::string pattern) {
    return {.method = std::move(method),
            .pattern = std::move(pattern),
            .handler = [](const Request&) { return Response{}; }};
}

using Segments = std::vector<std::string>;

TEST(Router, LiteralsWinOverCaptures) {
    const Router router({route("GET", "/v1/{any}"), route("GET", "/v1/status"),
                         route("GET", "/v1/{any}/series"), route("GET", "/")});
    EXPECT_EQ(router.match("GET", {"v1", "status"})->index, 1U);
    EXPECT_EQ(router.match("GET", {"v1", "other"})->index, 0U);
    EXPECT_EQ(router.match("GET", {"v1", "other"})->captures, Segments{"other"});
    EXPECT_EQ(router.match("GET", {"v1", "series", "series"})->captures, Segments{"series"});
    EXPECT_EQ(router.match("GET", {})->index, 3U);
    EXPECT_EQ(router.match("GET", {"v1", ""}).error().allow, "");
    EXPECT_EQ(router.match("GET", {"v1"}).error().allow, "");
}

TEST(Router, SaysWhatAPathTakes) {
    const Router router({route("PUT", "/a"), route("GET", "/a"), route("POST", "/b"),
                         route("GET", "/c"), route("HEAD", "/c")});
    EXPECT_EQ(router.match("DELETE", {"a"}).error().allow, "GET, HEAD, PUT");
    EXPECT_EQ(router.match("HEAD", {"a"})->index, 1U);
    EXPECT_EQ(router.match("HEAD", {"b"}).error().allow, "POST");
    EXPECT_EQ(router.match("HEAD", {"c"})->index, 4U);
}

TEST(Router, RefusesRoutesThatCannotBe) {
    EXPECT_THROW(Router({route("GET", "a")}), std::logic_error);
    EXPECT_THROW(Router({route("GET", "/a"), route("GET", "/a")}), std::logic_error);
    EXPECT_THROW(Router({Route{.method = "GET", .pattern = "/a"}}), std::logic_error);
}

}  // namespace
}  // namespace atlas::http
