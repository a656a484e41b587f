// SPDX-License-Identifier: Apache-2.0
//
// The routes of the catalog, tenants, tokens, entities and status, and the judge of tokens, over a
// real server and a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <thread>

#include "catalog/entity_repository.h"
#include "catalog/tenant_repository.h"
#include "catalog/token_repository.h"
#include "http/routes/admin/tenants.h"
#include "http/routes/auth/token_auth.h"
#include "http/routes/catalog/attributes.h"
#include "http/routes/catalog/entities.h"
#include "http/routes/ops/status.h"
#include "http/server/test_server.h"
#include "primary/primary_reader.h"
#include "primary/server_identity.h"
#include "testing/eventually.h"
#include "testing/manual_clock.h"
#include "testing/test_cluster.h"

namespace atlas::http {
namespace {

using test::TestCluster;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::chrono::microseconds kInstant{1};

struct Catalogs : testing::Test {
    explicit Catalogs(AuthMode mode = AuthMode::off) : auth(pool, mode, clock) {
        std::vector<Route> routes = attribute_routes(pool, catalog);
        for (auto more :
             {entity_routes(pool, catalog, context), tenant_routes(pool, mode), token_routes(pool),
              status_routes(
                  pool, &meter, reads, readiness, clock,
                  {.roles =
                       [] {
                           return std::vector{StatusPart{.name = "gateway", .state = "running"}};
                       },
                   .sources = {},
                   .stages =
                       [] {
                           return std::vector{StatusPart{.name = "stream",
                                                         .state = "streaming",
                                                         .position = Lsn{0x17},
                                                         .lag_seconds = 0.25,
                                                         .retained_bytes = 4096,
                                                         .target = std::chrono::seconds{30},
                                                         .maximum = std::chrono::minutes{2}}};
                       }})}) {
            for (auto& route : more) routes.push_back(std::move(route));
        }
        server.emplace(test_options(), std::move(routes), auth, registry);
        EXPECT_TRUE(server->start());
    }

    RawAnswer ask(std::string_view what, std::string_view body = "", std::string headers = "") {
        RawClient client(server->port());
        return client.ask(request_text(what, headers, body)).value();
    }
    pg::Rows sql(std::string_view statement) {
        auto connection = pool.acquire().value();
        auto rows = connection->exec_script(statement);
        EXPECT_TRUE(rows) << rows.error().message;
        return std::move(*rows);
    }
    std::string token(TenantId tenant, const std::vector<std::string>& scopes,
                      std::optional<Time> expires_at = {}) {
        auto connection = pool.acquire().value();
        return catalog::create_token(*connection, tenant, "test", scopes, expires_at)->secret;
    }
    // Blocks until that many sessions wait for a lock on a table.
    void await_lock_waits(int sessions) {
        auto watcher = pg::Connection::open(conninfo, {}).value();
        const auto waiting = [&] {
            return watcher
                .exec(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND wait_event_type = 'Lock' AND wait_event = 'relation'")
                ->int8(0, 0);
        };
        ASSERT_TRUE(test::eventually([&] { return waiting() >= sessions; }));
    }
    static std::string bearer(const std::string& token) {
        return "Authorization: Bearer " + token + "\r\n";
    }

    std::string conninfo = TestCluster::shared().make_database();
    pg::Pool pool{conninfo, {}, 8};
    observe::Registry registry;
    ingest::WriteMeter meter{registry};
    observe::RateMeter reads;
    Readiness readiness;
    test::ManualClock clock;
    catalog::Catalog catalog{clock};
    storage::ShapeRegistry shapes{clock};
    primary::PrimaryReader reader{pool, catalog, shapes, clock};
    primary::ServerIdentity identity{pool, conninfo, clock};
    ReadContext context{
        .reader = reader, .tokens = identity, .max_time_range = std::chrono::days{31}};
    TokenAuth auth;
    std::optional<Server> server;
};

struct CatalogsWithAuth : Catalogs {
    CatalogsWithAuth() : Catalogs(AuthMode::on) {}
};

// Attributes ---------------------------------------------------------------------------------

TEST_F(Catalogs, AttributesAreDeclaredListedAndChanged) {
    const auto made =
        ask("PUT /v1/attributes/pressure",
            R"({"type":"double","unit":"bar","hot":true,"description":"at the inlet"})");
    EXPECT_EQ(made.status, 201);
    EXPECT_THAT(made.body,
                HasSubstr(R"({"name":"pressure","type":"double","declared":true,"hot":true,)"
                          R"("unit":"bar","description":"at the inlet",)"
                          R"("category":"uncategorized","created_at":"20)"));
    const auto again = ask("PUT /v1/attributes/pressure", R"({"type":"decimal"})");
    EXPECT_EQ(again.status, 200);
    EXPECT_THAT(again.body, AllOf(HasSubstr(R"("type":"decimal")"), HasSubstr(R"("hot":true)"),
                                  HasSubstr(R"("unit":"")")));
    const auto patched = ask("PATCH /v1/attributes/pressure", R"({"unit":"Pa","hot":false})",
                             "Content-Type: application/merge-patch+json\r\n");
    EXPECT_THAT(patched.body, AllOf(HasSubstr(R"("type":"decimal")"), HasSubstr(R"("hot":false)"),
                                    HasSubstr(R"("unit":"Pa")")));
    EXPECT_EQ(ask("PATCH /v1/attributes/nothing", R"({"unit":"Pa"})").status, 404);
    EXPECT_EQ(ask("PUT /v1/attributes/a%00b", R"({"type":"int"})").status, 400);
}

TEST_F(Catalogs, AttributesFollowTheRuleOfFirstSightWhenNothingIsSaid) {
    EXPECT_THAT(ask("PUT /v1/attributes/s", R"({"type":"string"})").body,
                HasSubstr(R"("hot":true)"));
    EXPECT_THAT(ask("PUT /v1/attributes/i", R"({"type":"int"})").body, HasSubstr(R"("hot":false)"));
    sql("UPDATE tenants SET max_hot = 1");
    EXPECT_THAT(ask("PUT /v1/attributes/t", R"({"type":"string"})").body,
                HasSubstr(R"("hot":false)"));
    EXPECT_THAT(ask("PUT /v1/attributes/u", R"({"type":"string","hot":true})").body,
                AllOf(HasSubstr(R"("code":"hot_limit")"), HasSubstr("limit (1) reached")));
    EXPECT_THAT(ask("PATCH /v1/attributes/t", R"({"hot":true})").body,
                AllOf(HasSubstr(R"("code":"hot_limit")"), HasSubstr("limit (1) reached")));
    sql("UPDATE tenants SET max_attributes = 3");
    const auto full = ask("PUT /v1/attributes/v", R"({"type":"int"})");
    EXPECT_EQ(full.status, 409);
    EXPECT_THAT(full.body,
                AllOf(HasSubstr(R"("code":"attribute_limit")"), HasSubstr("limit (3) reached")));
}

TEST_F(Catalogs, AttributesInUseKeepTheirTypeUnlessItFitsOrIsPatched) {
    for (const std::string name : {"a", "d"}) {
        ask("PUT /v1/attributes/" + name, R"({"type":"int","hot":false})");
    }
    sql("UPDATE tenant_attributes SET in_use = true");
    const auto wrong = ask("PUT /v1/attributes/a", R"({"type":"string"})");
    EXPECT_EQ(wrong.status, 409);
    EXPECT_THAT(wrong.body, HasSubstr(R"("code":"type_in_use")"));
    EXPECT_EQ(ask("PATCH /v1/attributes/d", R"({"type":"decimal"})").status, 200);
    EXPECT_EQ(ask("PUT /v1/attributes/d", R"({"type":"double"})").status, 409);
    EXPECT_EQ(ask("PATCH /v1/attributes/a", R"({"type":"double"})").status, 200);
    EXPECT_EQ(ask("PUT /v1/attributes/a", R"({"type":"int"})").status, 409);
    EXPECT_THAT(ask("PATCH /v1/attributes/a", R"({"hot":true})").body,
                HasSubstr(R"("code":"needs_backfill")"));
}

// Goal: every cache of the catalog and every writer of hot state notices a change.
TEST_F(Catalogs, AttributeChangesRaiseEpochsAndAFlipClearsTheState) {
    ask("PUT /v1/attributes/status", R"({"type":"string"})");
    ask("PUT /v1/entities/pump-7");
    sql("UPDATE entity_jsonb SET hot_attrs = '{\"status\": \"on\", \"zone\": 1}',"
        " hot_at = '{\"status\": 5, \"zone\": 6}';"
        "UPDATE tenant_attributes SET in_use = true; UPDATE shards SET writer = 7");
    const auto epochs = [&] {
        const auto rows =
            sql("SELECT catalog_epoch + (SELECT epoch FROM catalog_clock) "
                "FROM tenants WHERE tenant_id = 2");
        return rows.int8(0, 0);
    };
    const auto before = epochs();
    EXPECT_EQ(ask("PATCH /v1/attributes/status", R"({"hot":false})").status, 200);
    EXPECT_GE(epochs(), before + 2);
    const auto state =
        sql("SELECT hot_attrs::text, hot_at::text, "
            "(SELECT max(writer) FROM shards) FROM entity_jsonb");
    EXPECT_EQ(state.text(0, 0), R"({"zone": 1})");
    EXPECT_EQ(state.text(0, 1), R"({"zone": 6})");
    EXPECT_EQ(state.int8(0, 2), 0);
}

TEST_F(Catalogs, AttributesAreListedInPages) {
    for (const std::string name : {"b", "a1", "a2", "a3", "c"}) {
        ask("PUT /v1/attributes/" + name, R"({"type":"int"})");
    }
    ask("PATCH /v1/attributes/a2", R"({"hot":true})");
    std::vector<std::string> names;
    std::string page_token;
    do {
        const auto answer = ask("GET /v1/attributes?prefix=a&page_size=2&page_token=" + page_token);
        const auto body = boost::json::parse(answer.body).as_object();
        for (const auto& item : body.at("attributes").as_array()) {
            names.emplace_back(item.at("name").as_string());
        }
        page_token = body.at("next_page_token").as_string();
        if (!page_token.empty()) {
            EXPECT_THAT(ask("GET /v1/attributes?prefix=b&page_token=" + page_token).body,
                        HasSubstr(R"("code":"invalid_page_token")"));
        }
    } while (!page_token.empty());
    EXPECT_EQ(names, (std::vector<std::string>{"a1", "a2", "a3"}));
    EXPECT_THAT(ask("GET /v1/attributes?hot=true").body, HasSubstr(R"([{"name":"a2")"));
    EXPECT_EQ(ask("GET /v1/attributes?hot=perhaps").status, 400);
    EXPECT_EQ(ask("GET /v1/attributes?page_size=-1").status, 400);
    EXPECT_EQ(ask("GET /v1/attributes?page_size=99999999999").status, 200);
    EXPECT_EQ(ask("GET /v1/attributes?page_token=AAAA").status, 400);
}

// Goal: a category has the form of a name whichever way it is given, and outlives a retype.
TEST_F(Catalogs, AttributesHaveACategory) {
    const auto with = [](std::string_view category) {
        return HasSubstr(fmt::format(R"("category":"{}")", category));
    };
    const auto put = [&](std::string_view body) { return ask("PUT /v1/attributes/a", body); };
    const auto patch = [&](std::string_view body) { return ask("PATCH /v1/attributes/a", body); };
    EXPECT_THAT(put(R"({"type":"int","category":"Überwachung 1"})").body, with("Überwachung 1"));
    EXPECT_THAT(patch(R"({"unit":"bar"})").body, with("Überwachung 1"));
    EXPECT_THAT(patch(R"({"category":null})").body, with("uncategorized"));
    const std::string longest(255, 'x');
    EXPECT_THAT(patch(R"({"category":")" + longest + R"("})").body, with(longest));
    for (const std::string& wrong : {longest + "x", std::string(), std::string(R"(a\nb)"),
                                     std::string(R"(\u0000)"), std::string(R"(\u007f)")}) {
        const auto refused = patch(R"({"category":")" + wrong + R"("})");
        EXPECT_EQ(refused.status, 400) << wrong;
        EXPECT_THAT(refused.body, HasSubstr(R"("code":"invalid_field")")) << wrong;
    }
    EXPECT_EQ(patch(R"({"category":7})").status, 400);
    EXPECT_EQ(patch(R"({"name":"b","category":"c"})").status, 400);
    EXPECT_THAT(ask("GET /v1/attributes").body, with(longest));
    sql("UPDATE tenant_attributes SET in_use = true");
    EXPECT_THAT(patch(R"({"type":"string","category":"c"})").body,
                AllOf(HasSubstr(R"("type":"string")"), with("c")));
    EXPECT_THAT(put(R"({"type":"string"})").body, with("uncategorized"));
}

TEST_F(Catalogs, BodiesAreChecked) {
    const auto code = [&](std::string_view body, std::string headers = "") {
        const auto answer = ask("PUT /v1/attributes/x", body, std::move(headers));
        return std::string(boost::json::parse(answer.body).at("code").as_string());
    };
    EXPECT_EQ(code("{"), "invalid_json");
    EXPECT_EQ(code("[]"), "invalid_json");
    EXPECT_EQ(code(R"({"type":"int","colour":1})"), "unknown_field");
    EXPECT_EQ(code("{}"), "invalid_field");
    EXPECT_EQ(code(R"({"type":"integer"})"), "invalid_field");
    EXPECT_EQ(code(R"({"type":5})"), "invalid_field");
    EXPECT_EQ(code(R"({"type":"int","hot":"yes"})"), "invalid_field");
    EXPECT_EQ(code(R"({"type":"int","hot":null})"), "invalid_field");
    EXPECT_EQ(code("type=int", "Content-Type: text/plain\r\n"), "unsupported_media_type");
}

// Entities -----------------------------------------------------------------------------------

TEST_F(Catalogs, EntitiesAreRegisteredRetiredAndRevived) {
    EXPECT_EQ(ask("PUT /v1/entities/pump%2F7", R"({"type":"pump"})").status, 201);
    const auto again = ask("PUT /v1/entities/pump%2F7", R"({"type":"valve"})");
    EXPECT_EQ(again.status, 200);
    EXPECT_THAT(again.body, HasSubstr(R"("entity":"pump/7")"));
    const auto life = [&] {
        const auto rows =
            sql("SELECT e.entity_type, e.is_deleted, s.is_deleted FROM entities e "
                "JOIN entity_jsonb s USING (tenant_id, entity_id)");
        return std::string(rows.text(0, 0)) + ' ' + std::string(rows.text(0, 1)) + ' ' +
               std::string(rows.text(0, 2));
    };
    EXPECT_EQ(life(), "valve f f");
    sql("UPDATE shards SET writer = 7");
    const auto retired = ask("DELETE /v1/entities/pump%2F7");
    EXPECT_EQ(retired.status, 204);
    EXPECT_TRUE(identity.accept(retired.headers.at("x-consistency-token")));
    EXPECT_EQ(life(), "valve t t");
    EXPECT_EQ(sql("SELECT count(*) FROM shards WHERE writer = 0").int8(0, 0), 1);
    const auto twice = ask("DELETE /v1/entities/pump%2F7");
    EXPECT_EQ(twice.status, 404);
    EXPECT_THAT(twice.body, HasSubstr(R"("code":"entity_deleted")"));
    EXPECT_EQ(ask("PUT /v1/entities/pump%2F7").status, 200);
    EXPECT_EQ(life(), "valve f f");
    EXPECT_THAT(ask("DELETE /v1/entities/other").body, HasSubstr(R"("code":"entity_not_found")"));
    EXPECT_EQ(ask("PUT /v1/entities/" + std::string(1025, 'a')).status, 400);
    EXPECT_EQ(ask("PUT /v1/entities/x", R"({"type":""})").status, 400);
}

TEST_F(Catalogs, EntitiesAreLimited) {
    sql("UPDATE tenants SET max_entities = 1");
    EXPECT_EQ(ask("PUT /v1/entities/a").status, 201);
    const auto full = ask("PUT /v1/entities/b");
    EXPECT_EQ(full.status, 409);
    EXPECT_THAT(full.body, HasSubstr(R"("code":"entity_limit")"));
    EXPECT_EQ(ask("PUT /v1/entities/a").status, 200);
}

// Goal: who retires, registers others and revives does not end up with more than the limit.
TEST_F(Catalogs, RevivedEntitiesCount) {
    sql("UPDATE tenants SET max_entities = 2");
    for (const std::string id : {"a", "b"}) {
        EXPECT_EQ(ask("PUT /v1/entities/" + id).status, 201);
    }
    EXPECT_EQ(ask("DELETE /v1/entities/a").status, 204);
    EXPECT_EQ(ask("PUT /v1/entities/c").status, 201);
    const auto full = ask("PUT /v1/entities/a", R"({"type":"pump"})");
    EXPECT_EQ(full.status, 409);
    EXPECT_THAT(full.body, HasSubstr(R"("code":"entity_limit")"));
    EXPECT_EQ(sql("SELECT count(*) FROM entities WHERE NOT is_deleted").int8(0, 0), 2);
    EXPECT_EQ(sql("SELECT entity_type FROM entities WHERE external_id = 'a'").text(0, 0), "entity");
    EXPECT_EQ(ask("PUT /v1/entities/b", R"({"type":"pump"})").status, 200);
    EXPECT_EQ(ask("DELETE /v1/entities/b").status, 204);
    EXPECT_EQ(ask("PUT /v1/entities/a").status, 200);
}

// Goal: retiring waits for a writer that holds the shard.
TEST_F(Catalogs, RetiringWaitsForTheShard) {
    ask("PUT /v1/entities/a");
    auto writer = pg::Connection::open(conninfo, {}).value();
    ASSERT_TRUE(writer.exec("BEGIN"));
    ASSERT_TRUE(
        writer.exec("SELECT pg_advisory_xact_lock(1635019891, s) "
                    "FROM generate_series(0, 63) s"));
    RawClient client(server->port());
    ASSERT_TRUE(client.send(request_text("DELETE /v1/entities/a")));
    auto watcher = pg::Connection::open(conninfo, {}).value();
    const auto waiting = [&] {
        const auto rows = watcher.exec(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = "
            "current_database() AND wait_event = 'advisory'");
        return rows->int8(0, 0);
    };
    ASSERT_TRUE(test::eventually([&] { return waiting() > 0; }));
    EXPECT_FALSE(sql("SELECT is_deleted FROM entities").boolean(0, 0));
    ASSERT_TRUE(writer.exec("COMMIT"));
    EXPECT_EQ(client.read()->status, 204);
}

// Tenants, tokens, status --------------------------------------------------------------------

TEST_F(Catalogs, WithoutAuthEverybodyHereSeesAllTenants) {
    EXPECT_EQ(ask("POST /v1/tenants", R"({"name":"acme"})").status, 403);
    const std::string system = "X-Atlas-Tenant: system\r\n";
    EXPECT_EQ(ask("POST /v1/tenants", R"({"name":"acme"})", system).status, 201);
    EXPECT_EQ(ask("POST /v1/tenants", R"({"name":"acme"})", system).status, 409);
    EXPECT_EQ(ask("POST /v1/tenants", R"({"name":""})", system).status, 400);
    EXPECT_THAT(ask("GET /v1/tenants").body,
                AllOf(HasSubstr(R"("name":"acme")"), HasSubstr(R"("name":"default")")));
    EXPECT_EQ(ask("GET /v1/attributes", "", "X-Atlas-Tenant: acme\r\n").status, 200);
    const auto unknown = ask("GET /v1/attributes", "", "X-Atlas-Tenant: nobody\r\n");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_THAT(unknown.body, HasSubstr(R"("code":"tenant_not_found")"));
    for (const std::string name : {"\xff", "a\xc3", "\xed\xa0\x80"}) {
        const auto no_text = ask("GET /v1/attributes", "", "X-Atlas-Tenant: " + name + "\r\n");
        EXPECT_EQ(no_text.status, 404);
        EXPECT_THAT(no_text.body, HasSubstr(R"("code":"tenant_not_found")"));
    }
}

TEST_F(Catalogs, WithoutAuthForeignSitesAreRefused) {
    const auto with = [&](const std::string& host, const std::string& origin = "") {
        RawClient client(server->port());
        std::string request = "GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\n";
        if (!origin.empty()) request += "Origin: " + origin + "\r\n";
        return client.ask(request + "\r\n")->status;
    };
    EXPECT_EQ(with("localhost:8470"), 200);
    EXPECT_EQ(with("127.0.0.1:8470"), 200);
    EXPECT_EQ(with("[::1]:8470"), 200);
    EXPECT_EQ(with("evil.example"), 403);
    EXPECT_EQ(with("127.0.0.1.evil.example"), 403);
    EXPECT_EQ(with("localhost:8470", "http://localhost:8470"), 200);
    EXPECT_EQ(with("localhost:8470", "http://evil.example"), 403);
    EXPECT_EQ(with("localhost:8470", "null"), 403);
    RawClient client(server->port());
    EXPECT_THAT(client.ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")->body,
                HasSubstr(R"(auth = \"token\")"));
}

TEST_F(Catalogs, WithoutAuthOnlyOurTokensAreLookedAt) {
    EXPECT_EQ(ask("GET /v1/status", "", "Authorization: Bearer something\r\n").status, 200);
    EXPECT_EQ(ask("GET /v1/status", "", "Authorization: Bearer atlas_wrong\r\n").status, 401);
    const std::string mine = token(kDefaultTenant, {"read"});
    EXPECT_EQ(ask("GET /v1/status", "", bearer(mine)).status, 200);
    EXPECT_EQ(ask("GET /v1/tokens", "", bearer(mine)).status, 403);
}

TEST_F(CatalogsWithAuth, TokensOpenWhatTheirScopesSay) {
    const auto missing = ask("GET /v1/status");
    EXPECT_EQ(missing.status, 401);
    EXPECT_EQ(missing.headers.at("www-authenticate"), "Bearer");
    const std::string admin = token(kDefaultTenant, {"admin"});
    const std::string writer = token(kDefaultTenant, {"write"});
    EXPECT_EQ(ask("PUT /v1/entities/a", "", bearer(writer)).status, 201);
    EXPECT_EQ(ask("GET /v1/status", "", bearer(writer)).status, 403);
    EXPECT_EQ(ask("PUT /v1/attributes/a", R"({"type":"int"})", bearer(writer)).status, 403);
    EXPECT_EQ(ask("PUT /v1/attributes/a", R"({"type":"int"})", bearer(admin)).status, 201);
    EXPECT_EQ(ask("GET /v1/attributes", "", bearer(admin)).status, 200);
    EXPECT_EQ(ask("GET /v1/attributes", "", bearer("not_atlas")).status, 401);
    // A name other than this machine's is no matter once tokens are asked for.
    RawClient client(server->port());
    EXPECT_EQ(client
                  .ask("GET /v1/status HTTP/1.1\r\nHost: atlas.example\r\nOrigin: http://x\r\n" +
                       bearer(admin) + "\r\n")
                  ->status,
              200);
}

// Goal: a token beside the name of another tenant is a mistake that the client is told of.
TEST_F(CatalogsWithAuth, ATokenSpeaksForItsOwnTenant) {
    const std::string mine = token(kDefaultTenant, {"read"});
    const std::string read = "GET /v1/attributes";
    for (int i = 0; i < 2; ++i) {  // verified, then cached
        const auto other = ask(read, "", bearer(mine) + "X-Atlas-Tenant: system\r\n");
        EXPECT_EQ(other.status, 403);
        EXPECT_THAT(other.body,
                    AllOf(HasSubstr(R"("code":"tenant_mismatch")"), HasSubstr("tenant default")));
        EXPECT_EQ(ask(read, "", bearer(mine) + "X-Atlas-Tenant: default\r\n").status, 200);
        EXPECT_EQ(ask(read, "", bearer(mine)).status, 200);
    }
}

TEST_F(CatalogsWithAuth, TokensAreMadeListedAndRevoked) {
    const std::string admin = token(kDefaultTenant, {"admin"});
    const auto made =
        ask("POST /v1/tokens", R"({"name":"ci","scopes":["read","write"]})", bearer(admin));
    EXPECT_EQ(made.status, 201);
    const auto body = boost::json::parse(made.body).as_object();
    const std::string secret(body.at("token").as_string());
    const std::string id(body.at("id").as_string());
    EXPECT_EQ(secret.size(), 49U);
    EXPECT_TRUE(secret.starts_with("atlas_"));
    EXPECT_EQ(ask("GET /v1/status", "", bearer(secret)).status, 200);
    const auto list = ask("GET /v1/tokens", "", bearer(admin));
    EXPECT_THAT(list.body, AllOf(HasSubstr(R"("name":"ci","scopes":["read","write"])"),
                                 testing::Not(HasSubstr(secret))));
    const std::string other = token(kSystemTenant, {"admin"});
    EXPECT_EQ(ask("DELETE /v1/tokens/" + id, "", bearer(other)).status, 404);
    EXPECT_EQ(ask("DELETE /v1/tokens/" + id, "", bearer(admin)).status, 204);
    EXPECT_EQ(ask("DELETE /v1/tokens/" + id, "", bearer(admin)).status, 404);
    EXPECT_EQ(ask("DELETE /v1/tokens/abc", "", bearer(admin)).status, 404);
    auto connection = pool.acquire().value();
    EXPECT_FALSE(catalog::find_token(*connection, catalog::token_hash(secret))->has_value());
    EXPECT_EQ(ask("POST /v1/tokens", R"({"name":"x","scopes":["root"]})", bearer(admin)).status,
              400);
    EXPECT_EQ(ask("POST /v1/tokens", R"({"name":"x","scopes":[]})", bearer(admin)).status, 400);
    EXPECT_EQ(
        ask("POST /v1/tokens",
            R"({"name":"x","scopes":["read"],"expires_at":"2001-01-01T00:00:00Z"})", bearer(admin))
            .status,
        400);
}

// Goal: a future time is taken in both forms that times have, and no other.
TEST_F(CatalogsWithAuth, TokensExpireAtAnInstantInEitherForm) {
    const std::string admin = token(kDefaultTenant, {"admin"});
    const auto make = [&](const std::string& expires_at) {
        return ask("POST /v1/tokens",
                   R"({"name":"x","scopes":["read"],"expires_at":)" + expires_at + "}",
                   bearer(admin));
    };
    for (const std::string form : {"4102444800250", R"("2100-01-01T01:00:00.25+01:00")"}) {
        const auto made = make(form);
        EXPECT_EQ(made.status, 201) << form;
        EXPECT_THAT(made.body, HasSubstr(R"("expires_at":"2100-01-01T00:00:00.250000Z")"));
    }
    EXPECT_THAT(make("null").body, HasSubstr(R"("expires_at":null)"));
    // Seconds, taken for milliseconds, lie in 1970.
    EXPECT_THAT(make("4102444800").body, HasSubstr("1970-02-17"));
    for (const std::string wrong : {"4102444800", "4102444800250.5", "1e300", "true", R"("soon")",
                                    "9223372036854775807", "18446744073709551615"}) {
        const auto refused = make(wrong);
        EXPECT_EQ(refused.status, 400) << wrong;
        EXPECT_THAT(refused.body, HasSubstr(R"("code":"invalid_field")")) << wrong;
    }
}

// Goal: no request waits for the verdict of a database that does not respond.
TEST_F(CatalogsWithAuth, AnUnknownTokenIsAnsweredWhileTheDatabaseIsSilent) {
    const std::string mine = token(kDefaultTenant, {"read"});
    auto other = pg::Connection::open(conninfo, {}).value();
    ASSERT_TRUE(other.exec("BEGIN"));
    ASSERT_TRUE(other.exec("LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE"));
    const auto asked = std::chrono::steady_clock::now();
    const auto answer = ask("GET /v1/status", "", bearer(mine));
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::milliseconds{3900});
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"database_busy")"));
    ASSERT_TRUE(other.exec("COMMIT"));
    EXPECT_EQ(ask("GET /v1/status", "", bearer(mine)).status, 200);
}

// Goal: neither do strangers who wait for theirs keep those waiting who are known.
TEST_F(CatalogsWithAuth, KnownTokensAreServedWhileTheDatabaseIsSilent) {
    const std::string mine = token(kDefaultTenant, {"read"});
    ASSERT_EQ(ask("GET /v1/status", "", bearer(mine)).status, 200);
    auto other = pg::Connection::open(conninfo, {}).value();
    ASSERT_TRUE(other.exec("BEGIN"));
    ASSERT_TRUE(other.exec("LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE"));
    std::vector<std::unique_ptr<RawClient>> strangers;
    for (int i = 0; i < 4; ++i) {
        strangers.push_back(std::make_unique<RawClient>(server->port()));
        strangers.back()->send(
            request_text("GET /v1/status", bearer("atlas_" + std::to_string(i))));
    }
    await_lock_waits(4);
    // Verified again in the background; as that does not end, the old verdict has to do.
    clock.advance(TokenAuth::kRenew + kInstant);
    EXPECT_EQ(ask("GET /v1/status", "", bearer(mine)).status, 200);
    clock.advance(TokenAuth::kFresh);
    EXPECT_EQ(ask("GET /v1/status", "", bearer(mine)).status, 200);
    ASSERT_TRUE(other.exec("COMMIT"));
}

// Goal: a verdict that is no longer fresh waits a little for a new one, and then has to do.
TEST_F(CatalogsWithAuth, AnOldVerdictServesAfterAShortWait) {
    const std::string mine = token(kDefaultTenant, {"read"});
    ASSERT_EQ(ask("GET /v1/status", "", bearer(mine)).status, 200);
    auto other = pg::Connection::open(conninfo, {}).value();
    ASSERT_TRUE(other.exec("BEGIN"));
    ASSERT_TRUE(other.exec("LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE"));
    clock.advance(TokenAuth::kFresh + kInstant);
    RawClient client(server->port());
    ASSERT_TRUE(client.send(request_text("GET /v1/status", bearer(mine))));
    clock.await_waiting(1);
    clock.advance(TokenAuth::kPatience);
    EXPECT_EQ(client.read()->status, 200);
    ASSERT_TRUE(other.exec("COMMIT"));
}

// Goal: a remembered verdict ends with its token, to the instant.
TEST_F(CatalogsWithAuth, ExpiryIsKeptToTheInstantWhateverIsRemembered) {
    const auto hour = std::chrono::hours{1};
    const std::string brief = token(kDefaultTenant, {"read"}, clock.system() + hour);
    clock.advance(hour - std::chrono::seconds{1});
    EXPECT_EQ(ask("GET /v1/status", "", bearer(brief)).status, 200);
    sql("UPDATE api_tokens SET expires_at = now()");
    clock.advance(std::chrono::seconds{1} - kInstant);
    EXPECT_EQ(ask("GET /v1/status", "", bearer(brief)).status, 200);
    clock.advance(kInstant);
    EXPECT_EQ(ask("GET /v1/status", "", bearer(brief)).status, 401);
}

// Goal: a token in constant use is looked at again all the same: in the background after two
// seconds, before the response after five.
TEST_F(CatalogsWithAuth, RevocationIsNoticedWithinFiveSeconds) {
    const std::string used = token(kDefaultTenant, {"read"});
    const std::string unused = token(kDefaultTenant, {"read"});
    for (const auto& secret : {used, unused}) {
        ASSERT_EQ(ask("GET /v1/status", "", bearer(secret)).status, 200);
    }
    sql("UPDATE api_tokens SET revoked_at = now()");
    clock.advance(TokenAuth::kRenew);
    EXPECT_EQ(ask("GET /v1/status", "", bearer(used)).status, 200);
    clock.advance(kInstant);
    EXPECT_TRUE(
        test::eventually([&] { return ask("GET /v1/status", "", bearer(used)).status == 401; }));
    clock.advance(TokenAuth::kFresh - TokenAuth::kRenew);
    EXPECT_EQ(ask("GET /v1/status", "", bearer(unused)).status, 401);
}

TEST_F(CatalogsWithAuth, DisabledTenantsAndOtherTenantsStayOut) {
    const std::string mine = token(kDefaultTenant, {"read"});
    const auto tenants = ask("GET /v1/tenants", "", bearer(mine));
    EXPECT_THAT(tenants.body, testing::Not(HasSubstr("system")));
    EXPECT_THAT(tenants.body, HasSubstr(R"("name":"default")"));
    const std::string system = token(kSystemTenant, {"admin"});
    EXPECT_THAT(ask("GET /v1/tenants", "", bearer(system)).body, HasSubstr("default"));
    sql("UPDATE tenants SET is_active = false WHERE tenant_id = 2");
    const std::string late = token(kDefaultTenant, {"read"});
    const auto refused = ask("GET /v1/status", "", bearer(late));
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr(R"("code":"tenant_inactive")"));
}

TEST_F(Catalogs, StatusTellsPositionLagAndRate) {
    meter.record(ingest::Format::json, {.accepted = 5});
    const auto answer = ask("GET /v1/status");
    EXPECT_EQ(answer.status, 200);
    const auto body = boost::json::parse(answer.body).as_object();
    const auto& primary = body.at("sources").at(0);
    EXPECT_EQ(primary.at("name").as_string(), "primary");
    EXPECT_EQ(primary.at("state").as_string(), "serving");
    EXPECT_TRUE(parse_lsn(std::string(primary.at("position").as_string())));
    EXPECT_EQ(primary.at("lag_seconds").to_number<double>(), 0);
    EXPECT_EQ(body.at("roles").at(0).at("name").as_string(), "gateway");
    EXPECT_EQ(body.at("ingest").at("accepted_points").to_number<int>(), 5);
    const auto& stages = body.at("stages").as_array();
    ASSERT_EQ(stages.size(), 3U);
    EXPECT_EQ(stages[0].at("name").as_string(), "ingest");
    EXPECT_EQ(stages[0].at("rate_unit").as_string(), "data_points");
    EXPECT_EQ(stages[1].at("name").as_string(), "log");
    EXPECT_EQ(stages[1].at("position"), primary.at("position"));
    EXPECT_EQ(boost::json::serialize(stages[2]),
              R"({"name":"stream","state":"streaming","position":"0/17","lag_seconds":2.5E-1,)"
              R"("rate":null,"rate_unit":null,"retained_bytes":4096,"target_seconds":30,)"
              R"("maximum_seconds":120})");
    EXPECT_GE(body.at("uptime_seconds").to_number<double>(), 0);
}

// Goal: the primary is measured at most once a second, however often the status is asked for.
TEST_F(Catalogs, StatusIsAtMostASecondOld) {
    const auto position = [&] {
        const auto body = boost::json::parse(ask("GET /v1/status").body);
        return *parse_lsn(std::string(body.at("sources").at(0).at("position").as_string()));
    };
    const Lsn first = position();
    sql("UPDATE tenants SET max_hot = max_hot + 1");
    clock.advance(std::chrono::seconds{1} - kInstant);
    EXPECT_EQ(position(), first);
    clock.advance(kInstant);
    EXPECT_GT(position(), first);
}

TEST(Secrets, DifferAndUseTheirWholeAlphabet) {
    std::set<std::string> secrets;
    std::set<char> letters;
    for (int i = 0; i < 200; ++i) {
        const std::string secret = catalog::make_token_secret();
        secrets.insert(secret);
        letters.insert(secret.begin() + 6, secret.end());
    }
    EXPECT_EQ(secrets.size(), 200U);
    EXPECT_EQ(letters.size(), 62U);
}

}  // namespace
}  // namespace atlas::http
