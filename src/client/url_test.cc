// SPDX-License-Identifier: Apache-2.0
#include "client/url.h"

#include <gtest/gtest.h>

namespace atlas::client {
namespace {

TEST(Url, TakesAddressesAsPeopleWriteThem) {
    const auto full = parse_url("http://atlas.example:8470/prefix/");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->host, "atlas.example");
    EXPECT_EQ(full->port, "8470");
    EXPECT_EQ(full->path, "/prefix");
    EXPECT_EQ(parse_url("localhost:8470")->authority(), "localhost:8470");
    EXPECT_EQ(parse_url("http://atlas")->port, "80");
    EXPECT_EQ(parse_url("http://[::1]:8470")->host, "::1");
    EXPECT_EQ(parse_url("http://[::1]:8470")->authority(), "[::1]:8470");
}

TEST(Url, RefusesWhatItCannotReach) {
    for (const auto* text :
         {"", "https://atlas", "ftp://atlas", "http://", "http://:80", "http://atlas:0",
          "http://atlas:65536", "http://atlas:http", "http://user@atlas", "http://atlas/?a=b",
          "http://[::1", "http://a b"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
}

TEST(Target, EncodesValuesAndLeavesEmptyOnesOut) {
    Target target("/v1/entities");
    target.add("filter", "a = \"ü\"").add("count", "").add("page_size", "5");
    EXPECT_EQ(target.str(), "/v1/entities?filter=a%20%3D%20%22%C3%BC%22&page_size=5");
    EXPECT_EQ(percent_encode("cpu,host=a/b"), "cpu%2Chost%3Da%2Fb");
}

}  // namespace
}  // namespace atlas::client
