// SPDX-License-Identifier: Apache-2.0
//
// Retyping, renaming and dropping an attribute through a whole gateway: what was written before is
// read, filtered and continued as the contract says, by the gateway that made the change and by its
// caches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "app/compose.h"
#include "http/server/test_server.h"
#include "testing/test_cluster.h"

namespace atlas::app {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

class AttributeChanges : public ::testing::Test {
protected:
    AttributeChanges() {
        services_.start();
        const std::string url = gateway_->url();
        port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    }

    http::RawAnswer ask(std::string_view what, std::string_view body = "") const {
        http::RawClient client(port_);
        const std::string headers = body.empty() ? "" : "Content-Type: application/json\r\n";
        return client.ask(http::request_text(what, headers, body)).value();
    }
    // Writes one value at a minute of the last hour; the status of the response.
    int write(std::string_view entity, std::string_view name, std::string_view value,
              int minute) const {
        return ask("POST /v1/telemetry",
                   fmt::format(R"({{"entity":"{}","at":"{}","attributes":{{"{}":{}}}}})", entity,
                               time_of(minute), name, value))
            .status;
    }
    std::string time_of(int minute) const {
        return format_rfc3339(begin_ + std::chrono::minutes{minute});
    }
    // The values of an entity's curve, in order: "21.5 22".
    std::string values(std::string_view entity, std::string_view name,
                       std::string_view more = "") const {
        const auto answer = ask(fmt::format("GET /v1/entities/{}/series?attributes={}&from={}{}",
                                            entity, name, time_of(0), more));
        EXPECT_EQ(answer.status, 200) << answer.body;
        std::string text;
        const json::value body = json::parse(answer.body);
        for (const json::value& point : body.at("series").at(0).at("points").as_array()) {
            text += (text.empty() ? "" : " ") + json::serialize(point.at(1));
        }
        return text;
    }
    // What GET shows of an attribute; "" when it does not.
    std::string shown(std::string_view entity, std::string_view name,
                      std::string_view query = "") const {
        const auto answer = ask(fmt::format("GET /v1/entities/{}{}", entity, query));
        EXPECT_EQ(answer.status, 200) << answer.body;
        const json::value body = json::parse(answer.body);
        const json::object& attributes = body.at("attributes").as_object();
        const json::value* value = attributes.if_contains(name);
        return value == nullptr ? "" : json::serialize(*value);
    }
    // The entities of a list, in its order: "a b".
    std::string listed(std::string_view query) const {
        const auto answer = ask(fmt::format("GET /v1/entities?{}", query));
        EXPECT_EQ(answer.status, 200) << answer.body;
        std::string text;
        const json::value body = json::parse(answer.body);
        for (const json::value& entity : body.at("entities").as_array()) {
            text += (text.empty() ? "" : " ") + std::string(entity.at("entity").as_string());
        }
        return text;
    }
    std::string sql(std::string_view statement) {
        const auto rows = connection_.exec(statement);
        EXPECT_TRUE(rows) << rows.error().message;
        return rows && !rows->empty() ? std::string(rows->text(0, 0)) : "";
    }

    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    const Time begin_ = std::chrono::floor<std::chrono::hours>(now()) - std::chrono::hours{1};
    const std::string conninfo_ = test::TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    const config::Config config_{};
    observe::Registry registry_;
    const SystemClock clock_;
    Services services_;
    // Without jobs: what the current state follows, it follows in the requests of a test.
    const Gateway* const gateway_ = add_roles(
        services_, {"gateway"},
        {.listen = {.host = "127.0.0.1", .port = 0}, .conninfo = conninfo_, .auth_off = true},
        {config_, registry_, clock_});
    std::uint16_t port_ = 0;
};

TEST_F(AttributeChanges, ABadFirstValueIsNotPermanent) {
    ASSERT_EQ(write("a", "temp", R"("n/a")", 0), 200);
    ASSERT_EQ(write("a", "temp", R"("19.25")", 1), 200);
    ASSERT_EQ(write("b", "temp", R"("20")", 1), 200);
    ASSERT_EQ(write("c", "temp", R"("n/a")", 1), 200);
    ASSERT_EQ(write("b", "temp", "21.5", 2), 422);
    EXPECT_EQ(ask("PUT /v1/attributes/temp", R"({"type":"double"})").status, 409);
    EXPECT_EQ(ask("PATCH /v1/attributes/temp?dry_run=true", R"({"type":"double"})").body,
              R"({"name":"temp","points":4,"not_convertible":2})");
    EXPECT_EQ(values("a", "temp"), R"("n/a" "19.25")");  // a dry run changes nothing

    const auto retyped = ask("PATCH /v1/attributes/temp", R"({"type":"double","unit":"C"})");
    ASSERT_EQ(retyped.status, 200) << retyped.body;
    EXPECT_THAT(retyped.body,
                HasSubstr(R"("type":"double","declared":true,"hot":true,"unit":"C")"));
    EXPECT_THAT(retyped.body, Not(HasSubstr("progress")));
    EXPECT_EQ(write("b", "temp", "21.5", 2), 200);
    EXPECT_EQ(values("a", "temp"), "1.925E1");
    EXPECT_EQ(values("b", "temp"), "20 2.15E1");
    EXPECT_EQ(values("b", "temp", "&order_by=time%20desc&page_size=1"), "2.15E1");
    EXPECT_EQ(values("b", "temp", "&step=1h&agg=avg"), "2.075E1");
    EXPECT_EQ(shown("a", "temp") + shown("b", "temp") + shown("c", "temp"), "1.925E12.15E1");
    EXPECT_EQ(listed("filter=temp%20%3E%3D%2019.25&order_by=temp%20desc"), "b a");
    // The writer's cache follows: equal to what was converted, and later than it.
    EXPECT_EQ(write("a", "temp", "19.25", 3), 200);
    EXPECT_EQ(write("a", "temp", "18", 2), 200);  // late
    EXPECT_EQ(shown("a", "temp"), "1.925E1");
    EXPECT_EQ(write("c", "temp", "7", 0), 200);  // late, but nothing later converts
    EXPECT_EQ(shown("c", "temp"), "7");
    EXPECT_EQ(sql("SELECT string_agg(value_double::text, ' ' ORDER BY entity_id, observed_at) FROM "
                  "entity_values_ts JOIN attributes USING (attribute_id) WHERE attribute_name = "
                  "'temp'"),
              "19.25 18 19.25 20 21.5 7");
}

// Goal: pages of a curve end where points end, not where rows do: rows may have no value that
// converts.
TEST_F(AttributeChanges, ColdValuesAndPagesSkipWhatDoesNotConvert) {
    ASSERT_EQ(ask("PUT /v1/attributes/word", R"({"type":"string","hot":false})").status, 201);
    for (int minute = 0; minute < 12; ++minute) {
        const std::string value = minute % 4 == 0 ? std::to_string(minute) : "x";
        ASSERT_EQ(write("a", "word", "\"" + value + "\"", minute), 200);
    }
    EXPECT_EQ(shown("a", "word", "?attributes=word"), R"("x")");
    ASSERT_EQ(ask("PATCH /v1/attributes/word", R"({"type":"int"})").status, 200);
    EXPECT_EQ(shown("a", "word", "?attributes=word"), "8");
    EXPECT_EQ(shown("a", "word", "?attributes=*"), "8");
    EXPECT_EQ(values("a", "word"), "0 4 8");
    std::string all;
    std::string token;
    do {
        const auto page = ask(
            fmt::format("GET /v1/entities/a/series?attributes=word&from={}&to={}&page_size=1{}{}",
                        time_of(0), time_of(60), token.empty() ? "" : "&page_token=", token));
        ASSERT_EQ(page.status, 200) << page.body;
        const json::value body = json::parse(page.body);
        for (const json::value& point : body.at("series").at(0).at("points").as_array()) {
            all += json::serialize(point.at(1)) + " ";
        }
        token = body.at("next_page_token").as_string();
    } while (!token.empty());
    EXPECT_EQ(all, "0 4 8 ");
}

TEST_F(AttributeChanges, ARenameTakesHistoryAlong) {
    ASSERT_EQ(write("a", "mode", R"("on")", 0), 200);
    ASSERT_EQ(write("a", "other", R"("x")", 0), 200);
    EXPECT_EQ(ask("PATCH /v1/attributes/mode", R"({"name":"other"})").status, 409);
    EXPECT_EQ(ask("PATCH /v1/attributes/mode", R"({"name":"state","type":"int"})").status, 400);
    EXPECT_EQ(ask("PATCH /v1/attributes/mode?dry_run=true", R"({"name":"state"})").body,
              R"({"name":"mode","points":1,"not_convertible":0})");
    const auto renamed = ask("PATCH /v1/attributes/mode", R"({"name":"state"})");
    ASSERT_EQ(renamed.status, 200) << renamed.body;
    EXPECT_THAT(renamed.body, HasSubstr(R"("name":"state","type":"string")"));
    EXPECT_EQ(shown("a", "state") + shown("a", "mode"), R"("on")");
    EXPECT_EQ(values("a", "state"), R"("on")");
    EXPECT_EQ(listed("filter=state%20%3D%20%22on%22"), "a");
    EXPECT_EQ(ask("GET /v1/entities?filter=mode%3D%22on%22").status, 400);
    EXPECT_EQ(ask("PATCH /v1/attributes/mode", R"({"unit":"x"})").status, 404);
    // The old name begins again, as another attribute.
    EXPECT_EQ(write("a", "mode", "5", 1), 200);
    EXPECT_EQ(values("a", "mode") + " " + values("a", "state"), R"(5 "on")");
}

// Goal: until the current state has followed, both names filter, order, read and write.
// Method: rename as the gateway does, but let the state follow by hand, one entity at a time.
TEST_F(AttributeChanges, BothNamesAreValidUntilTheStateHasFollowed) {
    for (const std::string entity : {"a", "b", "c", "d"}) {
        ASSERT_EQ(write(entity, "mode", "\"" + entity + "\"", 0), 200);
    }
    const auto first = ask("GET /v1/entities?order_by=mode&page_size=1");
    const std::string token(json::parse(first.body).at("next_page_token").as_string());
    ASSERT_EQ(sql("SELECT atlas_rename_attribute(2, 'mode', 'state')"), "ok");
    ASSERT_EQ(sql("SELECT atlas_continue_changes(2, 1)"), "t");
    while (shown("d", "state").empty()) {  // the gateway's catalog is at most a second old
        ASSERT_LT(std::chrono::steady_clock::now() - started_, std::chrono::seconds{20});
    }
    EXPECT_EQ(shown("a", "state") + shown("d", "state") + shown("d", "mode"), R"("a""d")");
    EXPECT_EQ(shown("d", "state", "?attributes=mode"), R"("d")");
    EXPECT_EQ(listed("order_by=mode&page_size=100&page_token=" + token), "b c d");
    for (const std::string name : {"mode", "state"}) {
        EXPECT_EQ(listed("order_by=" + name + "%20desc"), "d c b a");
        EXPECT_EQ(listed("order_by=entity&filter=" + name + "%20%3D%20(%22a%22%20OR%20%22d%22)"),
                  "a d");
        EXPECT_EQ(listed("order_by=entity&filter=" + name + "%3E%22b%22"), "c d");
        EXPECT_EQ(listed("order_by=entity&filter=" + name + "%3A*"), "a b c d");
        EXPECT_EQ(values("d", name), R"("d")");
    }
    const auto again = ask("PATCH /v1/attributes/state", R"({"name":"third"})");
    EXPECT_EQ(again.status, 409);
    EXPECT_THAT(again.body, HasSubstr("attribute_changing"));
    EXPECT_THAT(ask("GET /v1/attributes").body, HasSubstr(R"("progress":0.25})"));
    EXPECT_EQ(write("b", "mode", R"("b2")", 1), 200);
    EXPECT_EQ(write("c", "state", R"("c2")", 1), 200);
    EXPECT_EQ(write("d", "mode", "null", 1), 200);
    EXPECT_EQ(listed("order_by=state%20desc"), "c b a d");
    while (sql("SELECT atlas_continue_changes(2, 1)") == "t") {
    }
    EXPECT_EQ(sql("SELECT string_agg(hot_attrs::text, ' ' ORDER BY entity_id) FROM entity_jsonb"),
              R"({"state": "a"} {"state": "b2"} {"state": "c2"} {})");
    EXPECT_EQ(values("b", "state"), R"("b" "b2")");
}

TEST_F(AttributeChanges, ADroppedAttributeIsGoneAndItsNameFree) {
    ASSERT_EQ(write("a", "mode", R"("on")", 1), 200);
    ASSERT_EQ(write("a", "level", "1", 1), 200);
    EXPECT_EQ(ask("DELETE /v1/attributes/mode?dry_run=true").body,
              R"({"name":"mode","points":1,"not_convertible":1})");
    EXPECT_EQ(ask("DELETE /v1/attributes/mode?dry_run=yes").status, 400);
    EXPECT_EQ(ask("DELETE /v1/attributes/nothing").status, 404);
    ASSERT_EQ(ask("DELETE /v1/attributes/mode").status, 204);
    EXPECT_EQ(ask("DELETE /v1/attributes/mode").status, 404);
    EXPECT_EQ(shown("a", "mode") + shown("a", "mode", "?attributes=*"), "");
    EXPECT_EQ(ask("GET /v1/entities/a/series?attributes=mode").status, 400);
    EXPECT_THAT(ask("GET /v1/attributes").body, Not(HasSubstr("mode")));
    EXPECT_EQ(write("a", "mode", "7", 0), 200);  // of another type, and before the values dropped
    EXPECT_EQ(values("a", "mode"), "7");
    EXPECT_EQ(sql("SELECT count(*) FROM entity_values_ts JOIN attributes USING (attribute_id) "
                  "WHERE attribute_name = 'mode'"),
              "1");
}

}  // namespace
}  // namespace atlas::app
