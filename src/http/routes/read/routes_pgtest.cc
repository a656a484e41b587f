// SPDX-License-Identifier: Apache-2.0
//
// The read routes as a client meets them: parameters, problems, freshness.
#include "http/routes/read/routes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "primary/primary_reader.h"
#include "primary/server_identity.h"
#include "route/router.h"
#include "testing/test_cluster.h"

namespace atlas::http {
namespace {

namespace json = boost::json;
using Query = std::vector<std::pair<std::string, std::string>>;

class ReadRoutes : public ::testing::Test {
protected:
    void SetUp() override {
        run("SELECT atlas_ensure_partitions(ARRAY[current_date - 1, current_date])");
        run("INSERT INTO attributes (attribute_name, type, is_hot) VALUES ('status', 'string', "
            "true), "
            "('pressure', 'double', false), ('note', 'string', false)");
        run("INSERT INTO tenant_attributes (tenant_id, attribute_id, type) SELECT 2, attribute_id, "
            "type FROM attributes");
        run("INSERT INTO entities (entity_id, tenant_id, entity_type, external_id) VALUES "
            "(1, 2, 'pump', 'pump/7'), (2, 2, 'pump', 'gone')");
        run("UPDATE entity_jsonb SET hot_attrs = '{\"status\": \"online\"}', hot_at = "
            "jsonb_build_object('status', 1795255200000000), last_day = current_date WHERE "
            "entity_id = 1");
        run("UPDATE entities SET is_deleted = true WHERE entity_id = 2");
        run("INSERT INTO observations SELECT 2, e, current_date + i * interval '1 s', now(), NULL, "
            "ARRAY(SELECT attribute_id::int FROM attributes WHERE attribute_name IN ('pressure', "
            "'note') ORDER BY attribute_name DESC), NULL, ARRAY[i], NULL, ARRAY['n'] FROM "
            "generate_series(0, 9) i, (VALUES (1), (2)) v(e)");
        run("UPDATE tenants SET catalog_epoch = catalog_epoch + 1 WHERE tenant_id = 2");
    }

    void run(std::string_view sql) {
        const auto done = connection_.exec(sql);
        ASSERT_TRUE(done) << sql << ": " << done.error().message;
    }

    Response get(std::string_view pattern, std::vector<std::string> segments, Query query,
                 Query headers = {}) {
        Request request;
        request.method = "GET";
        request.segments = std::move(segments);
        request.query = std::move(query);
        request.headers = std::move(headers);
        request.tenant = kDefaultTenant;
        request.received_at = now();
        for (const Route& route : routes_) {
            if (route.pattern == pattern) return route.handler(request);
        }
        ADD_FAILURE() << "no route " << pattern;
        return {};
    }
    Response entity(std::string name, Query query = {}, Query headers = {}) {
        return get("/v1/entities/{entity}", {std::move(name)}, std::move(query),
                   std::move(headers));
    }
    Response list(Query query) { return get("/v1/entities", {}, std::move(query)); }
    Response facets(Query query) { return get("/v1/entities:facets", {}, std::move(query)); }
    Response series(Query query, std::string name = "pump/7") {
        query.emplace_back("from", start());
        return get("/v1/entities/{entity}/series", {std::move(name)}, std::move(query));
    }
    Response fleet(Query query) {
        query.emplace_back("from", start());
        return get("/v1/series", {}, std::move(query));
    }
    static std::string start() { return format_rfc3339(Time{day_of(now())}); }

    static std::string code(const Response& response) {
        const auto body = json::parse(response.body);
        const auto* member = body.as_object().if_contains("code");
        return fmt::format("{} {}", response.status,
                           member == nullptr ? "" : std::string(member->as_string()));
    }
    static std::string header(const Response& response, std::string_view name) {
        for (const auto& [key, value] : response.headers) {
            if (key == name) return value;
        }
        return "absent";
    }

    const std::string conninfo_ = test::TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    pg::Pool pool_{conninfo_, primary::read_session_settings(), 2};
    const SystemClock clock_;
    catalog::Catalog catalog_{clock_};
    storage::ShapeRegistry shapes_{clock_};
    primary::PrimaryReader primary_{pool_, catalog_, shapes_, clock_};
    route::NoLag no_lag_;
    route::Router router_{{{.name = "primary",
                            .reader = primary_,
                            .lag = no_lag_,
                            .authoritative = true,
                            .facets = &primary_}}};
    primary::ServerIdentity identity_{pool_, conninfo_, clock_};
    ReadContext context_{.reader = router_,
                         .tokens = identity_,
                         .max_time_range = std::chrono::days{31},
                         .facets = &router_};
    const std::vector<Route> routes_ = read_routes(context_);
};

TEST_F(ReadRoutes, EntityCarriesItsStateAndFreshness) {
    const Response answer = entity("pump/7");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto body = json::parse(answer.body);
    EXPECT_EQ(body.at("entity").as_string(), "pump/7");
    EXPECT_EQ(body.at("attributes").at("status").as_string(), "online");
    EXPECT_EQ(body.at("attribute_times").at("status").as_string(), "2026-11-21T10:00:00.000000Z");
    EXPECT_EQ(body.at("last_observed_at").as_string(), start().substr(0, 17) + "09.000000Z");
    const auto& metadata = body.at("_metadata");
    EXPECT_EQ(metadata.at("source").as_string(), "primary");
    EXPECT_EQ(metadata.at("lag_seconds").as_double(), 0.0);
    EXPECT_EQ(metadata.at("consistency").as_string(), "eventual");
    EXPECT_FALSE(metadata.at("cached").as_bool());
    EXPECT_TRUE(parse_rfc3339(std::string(metadata.at("as_of").as_string())));
    EXPECT_TRUE(identity_.accept(metadata.at("consistency_token").as_string()));
    EXPECT_EQ(header(answer, "X-Data-Source"), "primary");
    EXPECT_EQ(header(answer, "X-Data-Lag-Seconds"), "0");
    EXPECT_EQ(header(answer, "X-Consistency-Level"), "eventual");
    EXPECT_EQ(header(answer, "X-Cache-Status"), "bypass");
    EXPECT_EQ(header(answer, "X-Consistency-Token"),
              std::string(metadata.at("consistency_token").as_string()));
}

// Goal: a read counts when its response carries data, and only then.
TEST_F(ReadRoutes, ResponsesWithDataAreCounted) {
    const auto rate = [&] {
        return context_.served.per_second(std::chrono::steady_clock::now() +
                                          std::chrono::seconds{1});
    };
    EXPECT_EQ(entity("nothing").status, 404);
    EXPECT_EQ(entity("pump/7", {{"consistency_token", "FFFFFFFF/0"}}).status, 400);
    EXPECT_EQ(rate(), 0);
    EXPECT_EQ(entity("pump/7").status, 200);
    EXPECT_GT(rate(), 0);
}

TEST_F(ReadRoutes, TokensAreAFloor) {
    const std::string token = header(entity("pump/7"), "X-Consistency-Token");
    EXPECT_EQ(header(entity("pump/7", {{"consistency_token", token}}), "X-Consistency-Level"),
              "session");
    EXPECT_EQ(entity("pump/7", {}, {{"x-consistency-token", token}}).status, 200);
    for (const std::string level : {"strong", "session", "eventual", "analytics"}) {
        EXPECT_EQ(entity("pump/7", {{"consistency", level}, {"max_lag", "0s"}}).status, 200);
        EXPECT_EQ(
            code(entity("pump/7", {{"consistency", level}, {"consistency_token", "FFFFFFFF/0"}})),
            "400 invalid_consistency_token");
    }
    EXPECT_EQ(code(list({{"consistency_token", "FFFFFFFF/0"}})), "400 invalid_consistency_token");
    EXPECT_EQ(code(series({{"consistency_token", "FFFFFFFF/0"}})), "400 invalid_consistency_token");
    EXPECT_EQ(code(entity("pump/7", {{"consistency_token", "x"}})),
              "400 invalid_consistency_token");
    EXPECT_EQ(code(entity("pump/7", {{"consistency", "loose"}})), "400 invalid_parameter");
    EXPECT_EQ(code(entity("pump/7", {{"max_lag", "soon"}})), "400 invalid_parameter");
}

TEST_F(ReadRoutes, WhatIsWrongIsSaid) {
    EXPECT_EQ(code(entity("nobody")), "404 entity_not_found");
    EXPECT_EQ(code(entity("\xff")), "404 entity_not_found");
    EXPECT_EQ(code(entity(std::string("pump/7\0", 7))), "404 entity_not_found");
    EXPECT_EQ(code(series({}, std::string("pump/7\0", 7))), "404 entity_not_found");
    EXPECT_EQ(code(entity("gone")), "404 entity_deleted");
    EXPECT_EQ(series({}, "gone").status, 200);
    EXPECT_EQ(code(series({}, "nobody")), "404 entity_not_found");
    EXPECT_EQ(code(entity("pump/7", {{"attributes", "nothing"}})), "400 unknown_attribute");
    EXPECT_EQ(code(entity("pump/7", {{"attributes", "pressure"}, {"window", "60d"}})),
              "400 invalid_parameter");
    EXPECT_EQ(code(list({{"filter", "pressure > 1"}})), "400 attribute_not_hot");
    EXPECT_EQ(code(list({{"filter", "status ="}})), "400 invalid_filter");
    EXPECT_EQ(code(list({{"order_by", "status sideways"}})), "400 invalid_order_by");
    EXPECT_EQ(code(list({{"page_token", "AAAA"}})), "400 invalid_page_token");
    EXPECT_EQ(code(list({{"page_size", "0"}})), "400 invalid_parameter");
    EXPECT_EQ(code(list({{"count", "some"}})), "400 invalid_parameter");
    EXPECT_EQ(list({{"page_size", "99999999999999999999"}}).status, 200);
    EXPECT_EQ(code(series({{"agg", "median"}})), "400 invalid_parameter");
    EXPECT_EQ(code(series({{"agg", "avg"}, {"attributes", "note"}})), "400 invalid_parameter");
    EXPECT_EQ(code(series({{"step", "0s"}})), "400 invalid_parameter");
    EXPECT_EQ(code(series({{"to", "1000"}})), "400 invalid_parameter");
    EXPECT_EQ(code(series({{"order_by", "value"}})), "400 invalid_order_by");
    EXPECT_EQ(code(series({{"page_token", "AAAA"}})), "400 invalid_page_token");
    EXPECT_EQ(code(get("/v1/series", {}, {{"from", "2026-01-01T00:00:00Z"}})),
              "400 time_range_too_wide");
    EXPECT_EQ(code(get("/v1/series", {},
                       {{"from", "2026-01-01T00:00:00Z"}, {"consistency", "analytics"}})),
              "503 analytics_unavailable");
}

// Goal: the bound is the configured one, to the microsecond, and defaults stay within it.
TEST_F(ReadRoutes, TheLongestRangeIsConfigured) {
    ReadContext brief{
        .reader = router_, .tokens = identity_, .max_time_range = std::chrono::days{2}};
    for (const Route& route : read_routes(brief)) {
        Request request;
        request.tenant = kDefaultTenant;
        request.received_at = now();
        const auto ask = [&](Query query) {
            request.query = std::move(query);
            return route.handler(request);
        };
        if (route.pattern == "/v1/series") {
            EXPECT_EQ(ask({}).status, 200);
            EXPECT_EQ(
                ask({{"from", "2026-01-01T00:00:00Z"}, {"to", "2026-01-03T00:00:00Z"}}).status,
                200);
            const Response wide =
                ask({{"from", "2026-01-01T00:00:00Z"}, {"to", "2026-01-03T00:00:00.000001Z"}});
            EXPECT_EQ(code(wide), "400 time_range_too_wide");
            EXPECT_NE(wide.body.find("at most 2 days"), std::string::npos) << wide.body;
        } else if (route.pattern == "/v1/entities") {
            EXPECT_EQ(ask({{"attributes", "pressure"}}).status, 200);
            EXPECT_EQ(ask({{"attributes", "pressure"}, {"window", "2d"}}).status, 200);
            const Response wide = ask({{"attributes", "pressure"}, {"window", "3d"}});
            EXPECT_EQ(code(wide), "400 invalid_parameter");
            EXPECT_NE(wide.body.find("at most 2d"), std::string::npos) << wide.body;
        }
    }
}

TEST_F(ReadRoutes, ListsLeaveOutRetiredEntities) {
    const Response answer = list({{"attributes", "pressure,status"}, {"count", "exact"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto body = json::parse(answer.body);
    EXPECT_EQ(body.at("total_size").as_int64(), 1);
    ASSERT_EQ(body.at("entities").as_array().size(), 1U);
    EXPECT_EQ(body.at("entities").at(0).at("attributes").at("pressure"), 9);
    EXPECT_EQ(body.at("next_page_token").as_string(), "");
}

TEST_F(ReadRoutes, FacetsCountValuesOfWhatMatches) {
    run("INSERT INTO entities (entity_id, tenant_id, entity_type, external_id) SELECT 10 + i, 2, "
        "'fan', 'fan-' || i FROM generate_series(1, 9) i");
    run("UPDATE entity_jsonb SET hot_attrs = jsonb_build_object('status', CASE WHEN entity_id < 14 "
        "THEN 'on\"line' ELSE 'at ' || entity_id % 2 END) WHERE entity_id BETWEEN 11 AND 18");
    const auto counted = [](const Response& answer) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto body = json::parse(answer.body);
        return fmt::format("{} of {}", json::serialize(body.at("facets")),
                           body.at("total_size").as_int64());
    };
    EXPECT_EQ(counted(facets({{"filter", "type = \"fan\""}, {"limit", "2"}})),
              R"([{"attribute":"status","values":[{"value":"at 0","count":3},)"
              R"({"value":"on\"line","count":3}],"other":2,"absent":1}] of 9)");
    EXPECT_EQ(counted(facets({{"filter", "NOT type = \"fan\""}, {"attributes", "status"}})),
              R"([{"attribute":"status","values":[{"value":"online","count":1}],)"
              R"("other":0,"absent":0}] of 1)");
    EXPECT_EQ(counted(facets({{"filter", "type = \"none\""}})),
              R"([{"attribute":"status","values":[],"other":0,"absent":0}] of 0)");
    EXPECT_EQ(header(facets({}), "X-Data-Source"), "primary");
    EXPECT_EQ(code(facets({{"attributes", "pressure"}})), "400 attribute_not_hot");
    EXPECT_EQ(code(facets({{"attributes", "nothing"}})), "400 unknown_attribute");
    EXPECT_EQ(code(facets({{"filter", "pressure > 1"}})), "400 attribute_not_hot");
    for (const std::string limit : {"0", "1001", "-1", "x", "1 "}) {
        EXPECT_EQ(code(facets({{"limit", limit}})), "400 invalid_parameter") << limit;
    }
}

TEST_F(ReadRoutes, SeriesInEveryForm) {
    const auto points = [](const Response& answer, std::size_t number) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json::serialize(json::parse(answer.body).at("series").at(number).at("points"));
    };
    const std::string ms = std::to_string(to_micros(Time{day_of(now())}) / 1000);
    EXPECT_EQ(
        points(series({{"attributes", "pressure"}, {"time", "unix_ms"}, {"page_size", "1"}}), 0),
        "[[" + ms + ",0]]");
    EXPECT_EQ(points(series({{"attributes", "pressure"},
                             {"time", "unix_us"},
                             {"page_size", "1"},
                             {"order_by", "time desc"}}),
                     0),
              "[[" + std::to_string(to_micros(Time{day_of(now())}) + 9'000'000) + ",9]]");
    EXPECT_EQ(
        points(series({{"attributes", "pressure"}, {"time", "unix_ms"}, {"agg", "sum,count,p50"}}),
               0),
        "[[" + ms + ",45,10,4.5E0]]");
    const Response merged = fleet({{"attributes", "pressure"},
                                   {"time", "unix_ms"},
                                   {"step", "1h"},
                                   {"agg", "count"},
                                   {"group_by", "none"},
                                   {"filter", "status:*"}});
    EXPECT_EQ(points(merged, 0), "[[" + ms + ",10]]");
    EXPECT_FALSE(json::parse(merged.body).at("series").at(0).as_object().contains("entity"));
    const Response by_step = series({{"attributes", "note,pressure"}, {"step", "1h"}});
    const auto body = json::parse(by_step.body);
    EXPECT_EQ(body.at("step").as_string(), "1h");
    EXPECT_EQ(json::serialize(body.at("series").at(0).at("columns")), R"(["time","last"])");
    EXPECT_EQ(json::serialize(body.at("series").at(1).at("columns")), R"(["time","avg"])");
}

}  // namespace
}  // namespace atlas::http
