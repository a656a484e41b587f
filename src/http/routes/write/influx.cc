// SPDX-License-Identifier: Apache-2.0
#include "http/routes/write/influx.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "base/version.h"
#include "http/routes/write/telemetry.h"
#include "http/server/problem.h"
#include "http/server/url.h"

namespace atlas::http {
namespace {

using ingest::Precision;
using ingest::WriteOutcome;
using ingest::WriteStatus;

Response as_influx(Response response) {
    response.headers.emplace_back("X-Influxdb-Version", "1.8.10");
    response.headers.emplace_back("X-Influxdb-Build", "Atlas");
    return response;
}

// 2.x clients read `message`, 1.x clients `error`.
Response influx_error(int status, std::string_view code, std::string_view text,
                      std::optional<std::uint64_t> accepted = std::nullopt) {
    Response response{.status = status};
    JsonWriter json(response.body);
    json.begin_object().key("code").value(code).key("message").value(text);
    json.key("error").value(text);
    if (accepted) json.key("accepted").value(*accepted);
    json.end_object();
    return as_influx(std::move(response));
}

Response no_content() {
    return as_influx({.status = 204});
}

Response partial_write(const WriteOutcome& outcome) {
    std::string reason = outcome.detail;
    if (!outcome.errors.empty()) {
        const auto& first = outcome.errors.front();
        reason = fmt::format("line {}: {}", first.line, first.detail);
    }
    return influx_error(400, "invalid",
                        fmt::format("partial write: {} dropped={}", reason, outcome.dropped_lines),
                        outcome.kept_fields);
}

Response busy(InfluxVersion version) {
    constexpr std::string_view kText =
        "too many writes are in progress; nothing was stored; retry later";
    return with_retry_after(version == InfluxVersion::v1
                                ? influx_error(503, "unavailable", kText)
                                : influx_error(429, "too many requests", kText));
}

void submit(ingest::WriteSink& sink, query::TokenDesk& tokens, InfluxVersion version,
            Request&& request, const std::function<void(Response)>& respond) {
    const std::string* word = request.query_value("precision");
    const auto precision = parse_precision(word == nullptr ? "" : *word, version);
    if (!precision) {
        return respond(influx_error(400, "invalid",
                                    version == InfluxVersion::v1
                                        ? "precision must be one of n, ns, u, us, ms, s, m, h"
                                        : "precision must be one of ns, us, ms, s"));
    }
    const std::string* dry = request.query_value("dry_run");
    if (dry != nullptr && *dry != "true" && *dry != "false") {
        return respond(influx_error(400, "invalid", "dry_run must be true or false"));
    }
    sink.submit({.tenant = request.tenant,
                 .tenant_name = request.tenant_by_name ? request.tenant_name : std::string{},
                 .format = ingest::Format::line,
                 .precision = *precision,
                 .dry_run = dry != nullptr && *dry == "true",
                 .body = std::move(request.body),
                 .received_at = request.received_at,
                 .deadline = request.arrived_at + kWriteDeadline,
                 .done = [respond, version, &tokens](const WriteOutcome& outcome) {
                     respond(influx_answer(outcome, version, tokens));
                 }});
}

Route write_route(ingest::WriteSink& sink, query::TokenDesk& tokens, InfluxVersion version) {
    return {.method = "POST",
            .pattern = version == InfluxVersion::v1 ? "/write" : "/api/v2/write",
            .scope = Scope::write,
            .parameters = {"*"},
            .async_handler =
                [&sink, &tokens, version](Request&& request,
                                          const std::function<void(Response)>& respond) {
                    submit(sink, tokens, version, std::move(request), respond);
                },
            .influx_credentials = true};
}

Route quick(std::string method, std::string pattern, Scope scope,
            std::function<Response(const Request&)> answer) {
    return {.method = std::move(method),
            .pattern = std::move(pattern),
            .scope = scope,
            .parameters = {"*"},
            .async_handler =
                [answer = std::move(answer)](const Request& request,
                                             const std::function<void(Response)>& respond) {
                    respond(answer(request));
                },
            .influx_credentials = true};
}

Response health(const Readiness& readiness) {
    const bool ready = readiness.ready();
    Response response{.status = ready ? 200 : 503};
    JsonWriter json(response.body);
    json.begin_object().key("name").value("atlas");
    json.key("status").value(ready ? "pass" : "fail").key("version").value(version()).end_object();
    return as_influx(std::move(response));
}

// The query is in the parameter q or in a form body.
Response query_of(const Request& request) {
    if (const std::string* q = request.query_value("q")) return influx_query_answer(*q);
    if (const auto form = parse_target("/?" + request.body)) {
        const auto q =
            std::ranges::find(form->query, "q", &std::pair<std::string, std::string>::first);
        if (q != form->query.end()) return influx_query_answer(q->second);
    }
    return influx_query_answer("");
}

// In capitals, blanks at both ends and a final semicolon gone.
std::string normalised(std::string_view query) {
    std::string out(query);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    constexpr std::string_view kBlank = " \t\r\n;";
    out.erase(0, std::min(out.find_first_not_of(kBlank), out.size()));
    out.erase(out.find_last_not_of(kBlank) + 1);
    return out;
}

}  // namespace

std::optional<Precision> parse_precision(std::string_view word, InfluxVersion version) {
    if (word.empty() || word == "ns") return Precision::ns;
    if (word == "us") return Precision::us;
    if (word == "ms") return Precision::ms;
    if (word == "s") return Precision::s;
    if (version == InfluxVersion::v2) return std::nullopt;
    if (word == "n") return Precision::ns;
    if (word == "u") return Precision::us;
    if (word == "m") return Precision::m;
    if (word == "h") return Precision::h;
    return std::nullopt;
}

Response influx_answer(const WriteOutcome& outcome, InfluxVersion version,
                       query::TokenDesk& tokens) {
    switch (outcome.status) {
        case WriteStatus::done: {
            if (outcome.dropped_lines > 0 || outcome.rejected > 0) return partial_write(outcome);
            Response response = no_content();
            // A dry run commits nothing.
            if (outcome.token != LogPosition{}) {
                response.headers.emplace_back("X-Consistency-Token", tokens.issue(outcome.token));
            }
            return response;
        }
        case WriteStatus::refused:
        case WriteStatus::unreadable: return partial_write(outcome);
        case WriteStatus::tenant_inactive:
            return influx_error(403, "forbidden", "this tenant is inactive");
        case WriteStatus::tenant_unknown:
            return influx_error(404, "not found", "the tenant was renamed");
        case WriteStatus::busy: return busy(version);
        case WriteStatus::unavailable: break;
    }
    return with_retry_after(influx_error(503, "unavailable", "the outcome is unknown; retry"));
}

Response influx_query_answer(std::string_view query) {
    const std::string text = normalised(query);
    if (text.starts_with("CREATE DATABASE") || text == "SHOW DATABASES") {
        return as_influx({.body = R"({"results":[{"statement_id":0}]})"});
    }
    Response response{.status = 400};
    JsonWriter(response.body)
        .begin_object()
        .key("error")
        .value(
            "InfluxQL is not supported; read with GET /v1/entities and GET /v1/series, see "
            "/openapi.yaml")
        .end_object();
    return as_influx(std::move(response));
}

std::vector<Route> influx_routes(ingest::WriteSink& sink, query::TokenDesk& tokens,
                                 const Readiness& readiness) {
    const auto ping = [](const Request&) { return no_content(); };
    return {
        write_route(sink, tokens, InfluxVersion::v1),
        write_route(sink, tokens, InfluxVersion::v2),
        quick("GET", "/ping", Scope::none, ping),
        quick("GET", "/health", Scope::none,
              [&readiness](const Request&) { return health(readiness); }),
        quick("GET", "/query", Scope::write, query_of),
        quick("POST", "/query", Scope::write, query_of),
    };
}

}  // namespace atlas::http
