// SPDX-License-Identifier: Apache-2.0
//
// docs/openapi.yaml against the running program: the same routes, the same parameters, and answers
// of the shapes that the document promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "app/compose.h"
#include "assets/docs.h"
#include "assets/web.h"
#include "http/server/test_server.h"
#include "testing/json_schema.h"
#include "testing/test_cluster.h"
#include "testing/yaml.h"

namespace atlas::app {
namespace {

namespace json = boost::json;
using http::RawAnswer;
using http::RawClient;
using ::testing::IsEmpty;

const std::set<std::string_view> kMethods = {"get", "put", "post", "patch", "delete"};

std::string upper(std::string_view method) {
    std::string out(method);
    std::ranges::transform(out, out.begin(), [](char c) { return static_cast<char>(c - 32); });
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return out;
}

// A file of the page other than the page itself.
bool is_file_of_page(const http::Route& route) {
    return web::find(route.pattern) != nullptr;
}

class OpenApi : public ::testing::Test {
protected:
    OpenApi() {
        services_.start();
        const std::string url = gateway_->url();
        port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    }
    // The query parameters of an operation, those of its path included.
    std::set<std::string> parameters(const json::object& path, const json::object& operation) {
        std::set<std::string> names;
        for (const json::object* holder : {&path, &operation}) {
            const json::value* list = holder->if_contains("parameters");
            if (list == nullptr) continue;
            for (const json::value& entry : list->as_array()) {
                const json::value& parameter = *schemas_.resolve(&entry);
                if (parameter.at("in") == "query") names.emplace(parameter.at("name").as_string());
            }
        }
        return names;
    }

    RawAnswer ask(std::string_view method_and_target, std::string_view body,
                  std::string headers) const {
        RawClient client(port_);
        return client.ask(http::request_text(method_and_target, headers, body)).value();
    }

    const json::value document_ = test::yaml_to_json(docs::openapi());
    const test::JsonSchemas schemas_{document_};
    const config::Config config_{};
    observe::Registry registry_;
    const SystemClock clock_;
    Services services_;
    const Gateway* const gateway_ =
        add_roles(services_, up_roles(config_),
                  {.listen = {.host = "127.0.0.1", .port = 0},
                   .conninfo = test::TestCluster::shared().make_database(),
                   .auth_off = true},
                  {config_, registry_, clock_});
    std::uint16_t port_ = 0;
};

TEST_F(OpenApi, DocumentAndServerHaveTheSameRoutesAndParameters) {
    std::map<std::string, std::set<std::string>> documented;
    for (const auto& [pattern, path] : document_.at("paths").as_object()) {
        for (const auto& [method, operation] : path.as_object()) {
            if (!kMethods.contains(method)) continue;
            documented[upper(method) + ' ' + std::string(pattern)] =
                parameters(path.as_object(), operation.as_object());
        }
    }
    for (const http::Route& route : gateway_->routes()) {
        if (is_file_of_page(route)) continue;
        const std::string name = route.method + ' ' + route.pattern;
        const auto found = documented.find(name);
        ASSERT_NE(found, documented.end()) << name << " is not in the document";
        const std::set<std::string> taken(route.parameters.begin(), route.parameters.end());
        if (!taken.contains("*")) EXPECT_EQ(found->second, taken) << name;
        documented.erase(found);
    }
    for (const auto& [name, unused] : documented) ADD_FAILURE() << name << " is not served";
}

// One call and what it should be answered with.
struct Call {
    std::string_view method;
    std::string_view pattern;  // in the document
    std::string_view target;
    int status = 200;
    std::string_view body = {};
    std::string_view content_type = "application/json";
};

constexpr std::string_view kTelemetry =
    R"([{"entity":"pump-7","type":"pump","at":"2026-11-20T10:00:00Z","attributes":)"
    R"({"status":"online","pressure":4.2,"count":3,"ok":true,"extra":{"a":[1]}}}])";
constexpr std::string_view kWrong =
    R"({"entity":"pump-7","at":"2026-11-20T10:00:00Z","attributes":{"pressure":"high"}})";

const std::vector<Call> kCalls = {
    {"post", "/v1/telemetry", "/v1/telemetry", 200, kTelemetry},
    {"post", "/v1/telemetry", "/v1/telemetry", 200, "[]"},
    {"post", "/v1/telemetry", "/v1/telemetry", 422, kWrong},
    {"post", "/v1/telemetry", "/v1/telemetry?atomic=true", 422, kWrong},
    {"post", "/v1/telemetry", "/v1/telemetry", 400, "nonsense"},
    {"post", "/v1/telemetry", "/v1/telemetry", 415, "x", "text/plain"},
    {"post", "/write", "/write?precision=s", 204, "cpu,host=a usage=0.5 1763600000"},
    {"post", "/write", "/write?precision=s", 400, "cpu,host=a usage= 1763600000"},
    {"post", "/api/v2/write", "/api/v2/write", 204, "cpu,host=a usage=0.25"},
    {"get", "/ping", "/ping", 204},
    {"get", "/health", "/health"},
    {"get", "/query", "/query?q=SHOW%20DATABASES"},
    {"get", "/query", "/query?q=SELECT", 400},
    {"post", "/query", "/query?q=CREATE%20DATABASE%20x"},
    {"get", "/v1/entities/{entity}", "/v1/entities/pump-7?consistency=strong"},
    {"get", "/v1/entities/{entity}", "/v1/entities/pump-7?attributes=*&window=31d"},
    {"get", "/v1/entities/{entity}", "/v1/entities/nothing", 404},
    {"get", "/v1/entities", "/v1/entities?filter=status%20%3D%20%22online%22&count=exact"},
    {"get", "/v1/entities", "/v1/entities?page_size=1"},
    {"get", "/v1/entities", "/v1/entities?filter=status%20%3D", 400},
    {"get", "/v1/entities:facets", "/v1/entities:facets?attributes=status&limit=1"},
    {"get", "/v1/entities:facets", "/v1/entities:facets?attributes=pressure", 400},
    {"get", "/v1/entities", "/v1/entities?consistency_token=FFFFFFFF/FFFFFFFF", 400},
    {"put", "/v1/entities/{entity}", "/v1/entities/valve-1", 201, R"({"type":"valve"})"},
    {"put", "/v1/entities/{entity}", "/v1/entities/valve-1", 200},
    {"put", "/v1/entities/{entity}", "/v1/entities/valve-1", 400, R"({"kind":"valve"})"},
    {"delete", "/v1/entities/{entity}", "/v1/entities/valve-1", 204},
    {"delete", "/v1/entities/{entity}", "/v1/entities/valve-1", 404},
    {"get", "/v1/attributes", "/v1/attributes?page_size=2"},
    {"get", "/v1/attributes", "/v1/attributes?page_token=x", 400},
    {"put", "/v1/attributes/{name}", "/v1/attributes/flow", 201, R"({"type":"decimal"})"},
    {"put", "/v1/attributes/{name}", "/v1/attributes/flow", 200, R"({"type":"double"})"},
    {"put", "/v1/attributes/{name}", "/v1/attributes/flow", 400, "{}"},
    {"put", "/v1/attributes/{name}", "/v1/attributes/status", 409, R"({"type":"int"})"},
    {"patch", "/v1/attributes/{name}", "/v1/attributes/flow", 200, R"({"unit":"l/s"})"},
    {"patch", "/v1/attributes/{name}", "/v1/attributes/other", 404, R"({"unit":"l/s"})"},
    {"patch", "/v1/attributes/{name}", "/v1/attributes/count", 409, R"({"hot":true})"},
    {"patch", "/v1/attributes/{name}", "/v1/attributes/count?dry_run=true", 200,
     R"({"type":"bool"})"},
    {"patch", "/v1/attributes/{name}", "/v1/attributes/count", 200, R"({"type":"string"})"},
    {"patch", "/v1/attributes/{name}", "/v1/attributes/count", 200, R"({"name":"number"})"},
    {"patch", "/v1/attributes/{name}", "/v1/attributes/number", 409, R"({"name":"flow"})"},
    {"patch", "/v1/attributes/{name}", "/v1/attributes/number", 400,
     R"({"name":"n","type":"int"})"},
    {"delete", "/v1/attributes/{name}", "/v1/attributes/number?dry_run=true"},
    {"delete", "/v1/attributes/{name}", "/v1/attributes/number", 204},
    {"delete", "/v1/attributes/{name}", "/v1/attributes/number", 404},
    {"delete", "/v1/attributes/{name}", "/v1/attributes/flow?dry_run=maybe", 400},
    {"get", "/v1/tenants", "/v1/tenants"},
    {"post", "/v1/tenants", "/v1/tenants", 201, R"({"name":"acme"})"},
    {"post", "/v1/tenants", "/v1/tenants", 409, R"({"name":"acme"})"},
    {"post", "/v1/tokens", "/v1/tokens", 201, R"({"name":"ci","scopes":["read"]})"},
    {"post", "/v1/tokens", "/v1/tokens", 400, R"({"name":"ci","scopes":["all"]})"},
    {"get", "/v1/tokens", "/v1/tokens"},
    {"delete", "/v1/tokens/{id}", "/v1/tokens/1", 204},
    {"delete", "/v1/tokens/{id}", "/v1/tokens/1", 404},
    {"get", "/v1/status", "/v1/status"},
    {"get", "/healthz", "/healthz"},
    {"get", "/readyz", "/readyz"},
    {"get", "/metrics", "/metrics"},
    {"get", "/openapi.yaml", "/openapi.yaml"},
    {"get", "/", "/"},
    {"get", "/v1/entities/{entity}/series",
     "/v1/entities/pump-7/series?attributes=pressure,status&from=2026-11-20T00:00:00Z"
     "&to=2026-11-21T00:00:00Z"},
    {"get", "/v1/entities/{entity}/series",
     "/v1/entities/pump-7/series?attributes=pressure&from=2026-11-20T00:00:00Z"
     "&to=2026-11-21T00:00:00Z&step=1h&agg=avg,max&time=unix_ms"},
    {"get", "/v1/entities/{entity}/series", "/v1/entities/no/series?attributes=pressure", 404},
    {"get", "/v1/series",
     "/v1/series?attributes=pressure&group_by=none&step=1h&agg=avg&from=2026-11-20T00:00:00Z"
     "&to=2026-11-21T00:00:00Z"},
    {"get", "/v1/series", "/v1/series?attributes=pressure&from=2020-01-01T00:00:00Z", 400},
    {"get", "/v1/analytics/queries", "/v1/analytics/queries"},
    {"post", "/v1/analytics/query", "/v1/analytics/query", 400, R"({"measures": []})"},
    {"post", "/v1/analytics/query", "/v1/analytics/query", 415, "x", "text/plain"},
    {"post", "/v1/analytics/sql", "/v1/analytics/sql", 400, R"({"sql": 1})"},
    {"post", "/v1/analytics/sql", "/v1/analytics/sql?format=arrow", 400, R"({"sql": "SELECT 1"})"},
    {"post", "/v1/analytics/queries/{name}", "/v1/analytics/queries/nothing", 404, "{}"},
    {"post", "/v1/analytics/export", "/v1/analytics/export", 400, R"({"format": "xml"})"},
    {"post", "/v1/stream:rebuild", "/v1/stream:rebuild", 404, R"({"follower":"kafka"})"},
    {"post", "/v1/stream:rebuild", "/v1/stream:rebuild", 202, R"({"follower":"analytics"})"},
};

// Goal: what clients are generated from the document can read what the server sends.
TEST_F(OpenApi, AnswersHaveTheShapesOfTheDocument) {
    for (const Call& call : kCalls) {
        const std::string what = fmt::format("{} {}", upper(call.method), call.target);
        SCOPED_TRACE(what);
        std::string headers;
        if (call.target == "/v1/tenants") headers += "X-Atlas-Tenant: system\r\n";
        if (!call.body.empty()) headers += fmt::format("Content-Type: {}\r\n", call.content_type);
        const RawAnswer answer = ask(what, call.body, headers);
        ASSERT_EQ(answer.status, call.status) << answer.body;

        const json::object& operation =
            document_.at("paths").at(call.pattern).at(call.method).as_object();
        const json::value* promised =
            operation.at("responses").as_object().if_contains(std::to_string(call.status));
        ASSERT_NE(promised, nullptr) << call.status << " is not in the document";
        const json::object& response = schemas_.resolve(promised)->as_object();
        if (const json::value* named = response.if_contains("headers")) {
            for (const auto& [name, header] : named->as_object()) {
                const auto sent = answer.headers.find(lower(name));
                ASSERT_NE(sent, answer.headers.end()) << "no header " << std::string(name);
                const json::value& schema = schemas_.resolve(&header)->at("schema");
                const bool is_number = schema.as_object().contains("minimum");
                EXPECT_THAT(schemas_.faults(schema, is_number ? json::parse(sent->second)
                                                              : json::value(sent->second)),
                            IsEmpty())
                    << std::string(name);
            }
        }
        const json::value* content = response.if_contains("content");
        if (content == nullptr) {
            EXPECT_EQ(answer.body, "");
            continue;
        }
        const json::value* media =
            content->as_object().if_contains(answer.headers.at("content-type"));
        ASSERT_NE(media, nullptr) << answer.headers.at("content-type");
        const bool is_json = answer.headers.at("content-type").find("json") != std::string::npos;
        if (!is_json) continue;
        EXPECT_THAT(schemas_.faults(media->at("schema"), json::parse(answer.body)), IsEmpty())
            << answer.body;
    }
}

}  // namespace
}  // namespace atlas::app
