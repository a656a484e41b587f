// SPDX-License-Identifier: Apache-2.0
#include "http/server/auth.h"

#include <gtest/gtest.h>

#include "http/routes/auth/token_auth.h"

namespace atlas::http {
namespace {

TEST(ParseAuthorization, FindsTheSecretInEveryScheme) {
    EXPECT_EQ(parse_authorization("Bearer atlas_x"), "atlas_x");
    EXPECT_EQ(parse_authorization("bearer   atlas_x "), "atlas_x");
    EXPECT_EQ(parse_authorization("Token atlas_x"), "atlas_x");
    EXPECT_EQ(parse_authorization("Basic dXNlcjphdGxhc194"), "atlas_x");
    EXPECT_EQ(parse_authorization("Basic OmF0bGFzX3g="), "atlas_x");  // no user name
    EXPECT_EQ(parse_authorization("Basic dTphOmI="), "a:b");          // colons in the password
}

TEST(ParseAuthorization, OthersAreEmpty) {
    for (const auto* header : {"", "Bearer", "atlas_x", "Digest atlas_x", "Basic", "Basic ",
                               "Basic dXNlcg==", "Basic !!!!", "Basic dTph!!!!"}) {
        EXPECT_EQ(parse_authorization(header), "") << header;
    }
}

using Query = std::vector<std::pair<std::string, std::string>>;

std::string influx_secret(std::string_view header, Query query, Query left = {}) {
    const std::string secret = parse_influx_credentials(header, query);
    EXPECT_EQ(query, left) << header;
    return secret;
}

TEST(ParseInfluxCredentials, FindsTheTokenWhereClientsPutIt) {
    const Query mine{{"u", "me"}, {"p", "atlas_p"}};
    EXPECT_EQ(influx_secret("", mine), "atlas_p");
    EXPECT_EQ(influx_secret("", {{"p", "atlas_p"}}), "atlas_p");
    EXPECT_EQ(influx_secret("", {{"db", "d"}, {"p", "a"}, {"u", "b"}, {"p", "c"}}, {{"db", "d"}}),
              "a");
    EXPECT_EQ(influx_secret("Token me:atlas_x", {}), "atlas_x");
    EXPECT_EQ(influx_secret("token :atlas_x", {}), "atlas_x");
    EXPECT_EQ(influx_secret("Token atlas_x", {}), "atlas_x");
    EXPECT_EQ(influx_secret("Basic dTphOmI=", {}), "a:b");
    EXPECT_EQ(influx_secret("Bearer atlas_x", mine), "atlas_x");
    EXPECT_EQ(influx_secret("", {}), "");
    EXPECT_EQ(influx_secret("Digest x", {{"u", "me"}}), "");
}

TEST(IsLoopbackHost, KnowsThisMachineByItsNames) {
    for (const auto* host : {"localhost", "LOCALHOST:80", "atlas.localhost", "127.0.0.1",
                             "127.0.0.1:8470", "127.1.2.3", "[::1]", "[::1]:8470"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (const auto* host : {"", "example.com", "localhost.example.com", "notlocalhost",
                             "127.0.0.1.example.com", "127.0.0.256", "127.0.0", "127.0.0.1.1",
                             "128.0.0.1", "0.0.0.0", "[::2]", "[::1", "[::1]x", "::1"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

TEST(IsSameOrigin, ComparesHostAndPort) {
    EXPECT_TRUE(is_same_origin("http://localhost:8470", "localhost:8470"));
    EXPECT_TRUE(is_same_origin("https://Localhost", "localhost"));
    EXPECT_FALSE(is_same_origin("http://localhost:3000", "localhost:8470"));
    EXPECT_FALSE(is_same_origin("http://example.com", "localhost:8470"));
    EXPECT_FALSE(is_same_origin("null", "localhost:8470"));
    EXPECT_FALSE(is_same_origin("localhost:8470", "localhost:8470"));
}

TEST(Scopes, AdminIncludesTheOthers) {
    EXPECT_TRUE(Scopes(Scope::admin).allow(Scope::write));
    EXPECT_TRUE(Scopes(Scope::admin).allow(Scope::read));
    EXPECT_FALSE(Scopes(Scope::write).allow(Scope::read));
    EXPECT_FALSE(Scopes(Scope::write).allow(Scope::admin));
    EXPECT_TRUE(Scopes().allow(Scope::none));
    EXPECT_EQ(parse_scope("admin"), Scope::admin);
    EXPECT_EQ(parse_scope("none"), std::nullopt);
}

// Goal: while the database is away the tenant of this machine is still let in, so that the status
// can say so and writes can wait; nobody else is.
TEST(TokenAuth, WithoutDatabaseOnlyTheDefaultTenantIsKnown) {
    pg::Pool pool("host=/nonexistent", {}, 1);
    const SystemClock clock;
    TokenAuth open(pool, AuthMode::off, clock);
    const auto local = open.verify({});
    ASSERT_TRUE(local);
    EXPECT_EQ(local->tenant, kDefaultTenant);
    Credentials other;
    other.tenant_name = "acme";
    EXPECT_EQ(open.verify(other).error().status, 503);
    Credentials token;
    token.secret = "atlas_secret";
    EXPECT_EQ(open.verify(token).error().status, 503);
    TokenAuth closed(pool, AuthMode::on, clock);
    EXPECT_EQ(closed.verify(token).error().status, 503);
    EXPECT_EQ(closed.cached({})->error().status, 401);
}

}  // namespace
}  // namespace atlas::http
