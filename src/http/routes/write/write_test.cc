// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "http/routes/write/influx.h"
#include "http/routes/write/telemetry.h"
#include "http/server/coding.h"
#include "http/server/test_server.h"
#include "query/test_tokens.h"

namespace atlas::http {
namespace {

using ingest::WriteOutcome;
using ingest::WriteRequest;
using ingest::WriteStatus;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Answers every request with the outcome it was told, from another thread.
class FakeSink final : public ingest::WriteSink {
public:
    void submit(WriteRequest request) override {
        const std::scoped_lock lock(mutex_);
        last_ = request;
        if (answering_.joinable()) answering_.join();
        answering_ = std::thread([done = request.done, outcome = outcome] { done(outcome); });
    }
    // Before the server goes away: the answer's last steps may touch it.
    void join() {
        const std::scoped_lock lock(mutex_);
        if (answering_.joinable()) answering_.join();
    }
    WriteRequest last() {
        const std::scoped_lock lock(mutex_);
        return last_;
    }
    WriteOutcome outcome{.accepted = 2, .token = {.timeline = 1, .lsn = {0x16B374D848}}};

private:
    std::mutex mutex_;
    WriteRequest last_;
    std::thread answering_;
};

std::vector<Route> all_routes(FakeSink& sink, query::TokenDesk& tokens,
                              const Readiness& readiness) {
    auto routes = telemetry_routes(sink, tokens);
    for (auto& route : influx_routes(sink, tokens, readiness)) routes.push_back(std::move(route));
    return routes;
}

class WriteRoutes : public testing::Test {
protected:
    void TearDown() override { sink_.join(); }

    RawAnswer post(std::string_view target, std::string_view body, std::string headers = "") {
        RawClient client(server_.port());
        headers += "Authorization: Token atlas_all\r\n";
        return client.ask(request_text("POST " + std::string(target), headers, body)).value();
    }

    Readiness readiness_;
    FakeSink sink_;
    query::TestTokens tokens_{Lsn{0x16B374D848}};
    TestServer server_{all_routes(sink_, tokens_, readiness_)};
};

TEST_F(WriteRoutes, TelemetryHandsTheBodyOnAndAnswersWithItsOutcome) {
    const auto answer = post("/v1/telemetry", "[{}]");
    EXPECT_EQ(answer.status, 200);
    const std::string token = answer.headers.at("x-consistency-token");
    EXPECT_EQ(tokens_.accept(token)->floor, LogPosition(1, Lsn{0x16B374D848}));
    EXPECT_EQ(answer.body, R"({"accepted":2,"rejected":0,"overwritten":0,"consistency_token":")" +
                               token + R"(","errors":[],"errors_truncated":false})");
    EXPECT_EQ(post("/write", "m v=1").headers.at("x-consistency-token"), token);
    EXPECT_EQ(post("/api/v2/write", "m v=1").headers.at("x-consistency-token"), token);
    post("/v1/telemetry", "[{}]");
    const WriteRequest request = sink_.last();
    EXPECT_EQ(request.body, "[{}]");
    EXPECT_EQ(request.format, ingest::Format::json);
    EXPECT_EQ(request.tenant, kDefaultTenant);
    EXPECT_FALSE(request.atomic);
    EXPECT_LE(request.deadline, std::chrono::steady_clock::now() + std::chrono::seconds{4});
}

// Goal: what authentication takes is not added to the time in which a write is answered.
TEST_F(WriteRoutes, TheDeadlineDoesNotWaitForAuthentication) {
    using std::chrono::steady_clock;
    steady_clock::time_point verdict;
    server_.authenticator.before_verdict = [&verdict] {
        const auto until = steady_clock::now() + std::chrono::milliseconds{300};
        while ((verdict = steady_clock::now()) < until) std::this_thread::yield();
    };
    for (const char* target : {"/v1/telemetry", "/write"}) {
        EXPECT_LT(post(target, "").status, 300);
        EXPECT_LT(sink_.last().deadline, verdict + kWriteDeadline) << target;
    }
}

TEST_F(WriteRoutes, TelemetryTakesJsonAndNdjsonOnly) {
    const auto with = [&](const std::string& type) {
        return post("/v1/telemetry", "{}", "Content-Type: " + type + "\r\n");
    };
    EXPECT_EQ(with("application/json; charset=utf-8").status, 200);
    EXPECT_EQ(sink_.last().format, ingest::Format::json);
    EXPECT_EQ(with("Application/X-NDJSON").status, 200);
    EXPECT_EQ(sink_.last().format, ingest::Format::ndjson);
    const auto other = with("application/x-www-form-urlencoded");
    EXPECT_EQ(other.status, 415);
    EXPECT_EQ(other.headers.at("accept"), "application/json, application/x-ndjson");
}

TEST_F(WriteRoutes, TelemetryReadsAtomic) {
    EXPECT_EQ(post("/v1/telemetry?atomic=true", "{}").status, 200);
    EXPECT_TRUE(sink_.last().atomic);
    EXPECT_EQ(post("/v1/telemetry?atomic=yes", "{}").status, 400);
    EXPECT_THAT(post("/v1/telemetry?precision=s", "{}").body, HasSubstr("unknown_parameter"));
}

TEST_F(WriteRoutes, ADryRunIsOneInEveryProtocol) {
    sink_.outcome.token = {};
    const auto answer = post("/v1/telemetry?dry_run=true", "[{}]");
    EXPECT_EQ(answer.body, R"({"accepted":2,"rejected":0,"overwritten":0,"dry_run":true,)"
                           R"("errors":[],"errors_truncated":false})");
    EXPECT_FALSE(answer.headers.contains("x-consistency-token"));
    EXPECT_TRUE(sink_.last().dry_run);
    for (const std::string path : {"/write", "/api/v2/write"}) {
        EXPECT_EQ(post(path + "?dry_run=true", "m v=1").status, 204);
        EXPECT_TRUE(sink_.last().dry_run);
        EXPECT_EQ(post(path + "?dry_run=false", "m v=1").status, 204);
        EXPECT_FALSE(sink_.last().dry_run);
        EXPECT_EQ(post(path + "?dry_run=yes", "m v=1").status, 400);
    }
    EXPECT_EQ(post("/v1/telemetry?dry_run=1", "{}").status, 400);
}

TEST_F(WriteRoutes, TelemetryListsWhatIsWrong) {
    sink_.outcome = {.accepted = 1, .rejected = 1};
    sink_.outcome.errors.push_back({.index = 17,
                                    .line = 18,
                                    .entity = "pump-7",
                                    .attribute = "pressure",
                                    .code = ingest::ItemCode::wrong_type,
                                    .detail = "pressure is a double; got the string \"high\""});
    EXPECT_THAT(post("/v1/telemetry", "{}").body,
                HasSubstr(R"("errors":[{"index":17,"line":18,"entity":"pump-7",)"
                          R"("attribute":"pressure","code":"wrong_type",)"
                          R"("detail":"pressure is a double; got the string \"high\""}])"));
    sink_.outcome.status = WriteStatus::refused;
    const auto refused = post("/v1/telemetry?atomic=true", "{}");
    EXPECT_EQ(refused.status, 422);
    EXPECT_THAT(refused.body, AllOf(HasSubstr(R"("code":"telemetry_refused")"),
                                    HasSubstr(R"("index":17)"), HasSubstr(R"("accepted":0)")));
}

TEST_F(WriteRoutes, TelemetryStatusesSayWhatMayBeRepeated) {
    sink_.outcome = {.status = WriteStatus::unreadable, .detail = "an array is not closed"};
    EXPECT_EQ(post("/v1/telemetry", "[").status, 400);
    sink_.outcome = {.status = WriteStatus::tenant_inactive};
    EXPECT_EQ(post("/v1/telemetry", "{}").status, 403);
    sink_.outcome = {.status = WriteStatus::tenant_unknown};
    const auto renamed = post("/v1/telemetry", "{}");
    EXPECT_EQ(renamed.status, 404);
    EXPECT_THAT(renamed.body, HasSubstr(R"("code":"tenant_not_found")"));
    EXPECT_EQ(post("/write", "a v=1").status, 404);
    sink_.outcome = {.status = WriteStatus::busy};
    const auto busy = post("/v1/telemetry", "{}");
    EXPECT_EQ(busy.status, 429);
    EXPECT_THAT(busy.headers.at("retry-after"), testing::MatchesRegex("[1-3]"));
    sink_.outcome = {.status = WriteStatus::unavailable};
    const auto unavailable = post("/v1/telemetry", "{}");
    EXPECT_EQ(unavailable.status, 503);
    EXPECT_TRUE(unavailable.headers.contains("retry-after"));
}

TEST_F(WriteRoutes, InfluxAnswers204AndReadsPrecision) {
    for (const auto& [target, precision] : std::vector<std::pair<std::string, ingest::Precision>>{
             {"/write", ingest::Precision::ns},
             {"/write?db=telegraf&precision=m&u=a&p=b", ingest::Precision::m},
             {"/write?precision=n", ingest::Precision::ns},
             {"/write?precision=h", ingest::Precision::h},
             {"/api/v2/write?bucket=b&org=o&precision=ms", ingest::Precision::ms},
             {"/api/v2/write?precision=us", ingest::Precision::us}}) {
        const auto answer = post(target, "m v=1", "Content-Type: text/plain\r\n");
        EXPECT_EQ(answer.status, 204) << target;
        EXPECT_FALSE(answer.headers.contains("content-length"));
        EXPECT_EQ(answer.headers.at("x-influxdb-version"), "1.8.10");
        EXPECT_EQ(sink_.last().precision, precision) << target;
        EXPECT_EQ(sink_.last().format, ingest::Format::line);
    }
    EXPECT_EQ(post("/api/v2/write?precision=h", "m v=1").status, 400);
    EXPECT_EQ(post("/write?precision=weeks", "m v=1").status, 400);
}

// Goal: the token is found where clients of InfluxDB put it, on their routes alone, and nothing
// after authentication sees it.
TEST_F(WriteRoutes, InfluxTakesTheTokenAsItsClientsSendIt) {
    const auto ask = [&](const std::string& what, const std::string& headers = "") {
        RawClient client(server_.port());
        return client.ask(request_text(what, headers, "m v=1")).value();
    };
    const auto status = [&](const std::string& what, const std::string& headers = "") {
        return ask(what, headers).status;
    };
    for (const std::string route : {"POST /write?db=d", "POST /api/v2/write?bucket=b"}) {
        EXPECT_EQ(status(route), 401) << route;
        EXPECT_EQ(status(route + "&u=me&p=atlas_all"), 204) << route;
        EXPECT_EQ(status(route + "&p=atlas_%61ll"), 204) << route;
        EXPECT_EQ(status(route + "&p=wrong"), 401) << route;
        EXPECT_EQ(status(route, "Authorization: Token me:atlas_all\r\n"), 204) << route;
    }
    EXPECT_EQ(status("POST /query?q=SHOW%20DATABASES&u=me&p=atlas_all"), 200);
    EXPECT_EQ(status("GET /query?q=SHOW%20DATABASES&u=me&p=wrong"), 401);
    const auto refused = ask("POST /v1/telemetry?u=me&p=atlas_all");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, AllOf(HasSubstr("unknown_parameter"), Not(HasSubstr("atlas_all"))));
    EXPECT_EQ(status("POST /v1/telemetry", "Authorization: Token me:atlas_all\r\n"), 401);
}

// Goal: chunked bodies of several gzip members, as Telegraf and others send them.
TEST_F(WriteRoutes, InfluxReadsConcatenatedGzipInChunks) {
    const std::string zipped =
        compress(Coding::gzip, "m v=1\n") + compress(Coding::gzip, "m v=2\n");
    RawClient client(server_.port());
    std::string request = request_text("POST /write",
                                       "Authorization: Token atlas_all\r\n"
                                       "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n");
    for (std::size_t at = 0; at < zipped.size(); at += 7) {
        const std::string piece = zipped.substr(at, 7);
        request += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    }
    EXPECT_EQ(client.ask(request + "0\r\n\r\n")->status, 204);
    EXPECT_EQ(sink_.last().body, "m v=1\nm v=2\n");
}

TEST_F(WriteRoutes, InfluxSaysPartialWriteOnlyWhenSomethingWasRefusedForGood) {
    sink_.outcome = {.accepted = 5, .rejected = 1, .dropped_lines = 1, .kept_fields = 4};
    sink_.outcome.errors.push_back(
        {.line = 3, .code = ingest::ItemCode::wrong_type, .detail = "v is a double"});
    const auto partial = post("/write", "m v=\"x\"");
    EXPECT_EQ(partial.status, 400);
    EXPECT_EQ(partial.body,
              R"({"code":"invalid","message":"partial write: line 3: v is a double dropped=1",)"
              R"("error":"partial write: line 3: v is a double dropped=1","accepted":4})");
    sink_.outcome = {.status = WriteStatus::busy};
    const auto busy = post("/write", "m v=1");
    EXPECT_EQ(busy.status, 503);  // 1.x clients drop what a 4xx refuses
    EXPECT_TRUE(busy.headers.contains("retry-after"));
    EXPECT_THAT(busy.body, AllOf(Not(HasSubstr("partial write")), Not(HasSubstr("unable to parse")),
                                 Not(HasSubstr("database not found"))));
    EXPECT_EQ(post("/api/v2/write", "m v=1").status, 429);
    sink_.outcome = {.status = WriteStatus::unavailable};
    EXPECT_EQ(post("/write", "m v=1").status, 503);
    EXPECT_EQ(post("/api/v2/write", "m v=1").status, 503);
}

TEST_F(WriteRoutes, InfluxPingHealthAndQuery) {
    RawClient client(server_.port());
    EXPECT_EQ(client.ask(request_text("GET /ping"))->status, 204);
    const auto head = client.ask(request_text("HEAD /ping"), true);
    EXPECT_EQ(head->status, 204);
    EXPECT_EQ(head->headers.at("x-influxdb-build"), "Atlas");
    EXPECT_THAT(client.ask(request_text("GET /health"))->body,
                HasSubstr(R"({"name":"atlas","status":"pass","version":")"));
    readiness_.drain();
    const auto failing = client.ask(request_text("GET /health"));
    EXPECT_EQ(failing->status, 503);
    EXPECT_THAT(failing->body, HasSubstr(R"("status":"fail")"));

    const std::string ok = R"({"results":[{"statement_id":0}]})";
    EXPECT_EQ(post("/query?q=CREATE%20DATABASE%20%22telegraf%22", "").body, ok);
    EXPECT_EQ(
        post("/query", "q=show+databases%3B", "Content-Type: application/x-www-form-urlencoded\r\n")
            .body,
        ok);
    const auto other = post("/query?q=SELECT%201", "");
    EXPECT_EQ(other.status, 400);
    EXPECT_THAT(other.body, AllOf(HasSubstr(R"({"error":")"), HasSubstr("/v1/")));
}

}  // namespace
}  // namespace atlas::http
