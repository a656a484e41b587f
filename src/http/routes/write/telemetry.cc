// SPDX-License-Identifier: Apache-2.0
#include "http/routes/write/telemetry.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "http/server/problem.h"

namespace atlas::http {
namespace {

using ingest::WriteOutcome;
using ingest::WriteStatus;

std::optional<ingest::Format> format_of(std::string_view content_type) {
    if (content_type.empty() || content_type == "application/json") return ingest::Format::json;
    for (const std::string_view ndjson :
         {"application/x-ndjson", "application/ndjson", "application/jsonl"}) {
        if (content_type == ndjson) return ingest::Format::ndjson;
    }
    return std::nullopt;
}

Response unsupported_type() {
    Response response =
        problem("unsupported_media_type", 415, "Unsupported media type",
                "The body must be JSON with Content-Type: application/json, or one object per line "
                "with application/x-ndjson.");
    response.headers.emplace_back("Accept", "application/json, application/x-ndjson");
    return response;
}

void write_error(JsonWriter& json, const ingest::ItemError& error) {
    json.begin_object().key("index").value(std::uint64_t{error.index});
    if (error.line > 0) json.key("line").value(std::uint64_t{error.line});
    if (!error.entity.empty()) json.key("entity").value(error.entity);
    if (!error.attribute.empty()) json.key("attribute").value(error.attribute);
    json.key("code").value(to_string(error.code)).key("detail").value(error.detail).end_object();
}

std::string errors_json(const WriteOutcome& outcome) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const auto& error : outcome.errors) write_error(json, error);
    json.end_array();
    return out;
}

Response done(const WriteOutcome& outcome, bool dry_run, query::TokenDesk& tokens) {
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("accepted").value(outcome.accepted);
    json.key("rejected").value(outcome.rejected).key("overwritten").value(outcome.overwritten);
    if (dry_run) {
        json.key("dry_run").value(true);
    } else {
        const std::string token = tokens.issue(outcome.token);
        json.key("consistency_token").value(token);
        response.headers.emplace_back("X-Consistency-Token", token);
    }
    json.key("errors").raw(errors_json(outcome));
    json.key("errors_truncated").value(outcome.errors_truncated).end_object();
    return response;
}

Response refused(const WriteOutcome& outcome, bool atomic) {
    const std::string_view detail =
        atomic
            ? "At least one item was rejected and atomic=true; nothing was stored. See \"errors\"."
            : "All items were rejected; nothing was stored. See \"errors\".";
    return problem("telemetry_refused", 422, "Telemetry refused", detail,
                   {{"accepted", "0"},
                    {"rejected", std::to_string(outcome.rejected)},
                    {"overwritten", "0"},
                    {"errors", errors_json(outcome)},
                    {"errors_truncated", outcome.errors_truncated ? "true" : "false"}});
}

std::string_view detail_or(const WriteOutcome& outcome, std::string_view otherwise) {
    return outcome.detail.empty() ? otherwise : std::string_view(outcome.detail);
}

void submit(ingest::WriteSink& sink, query::TokenDesk& tokens, Request&& request,
            const std::function<void(Response)>& respond) {
    const auto format = format_of(request.content_type);
    if (!format) return respond(unsupported_type());
    WriteFlags flags;
    for (const auto& [name, flag] :
         {std::pair("atomic", &flags.atomic), {"dry_run", &flags.dry_run}}) {
        const std::string* word = request.query_value(name);
        if (word != nullptr && *word != "true" && *word != "false") {
            return respond(invalid_parameter(name, fmt::format("{} must be true or false.", name)));
        }
        *flag = word != nullptr && *word == "true";
    }
    sink.submit({.tenant = request.tenant,
                 .tenant_name = request.tenant_by_name ? request.tenant_name : std::string{},
                 .format = *format,
                 .atomic = flags.atomic,
                 .dry_run = flags.dry_run,
                 .body = std::move(request.body),
                 .received_at = request.received_at,
                 .deadline = request.arrived_at + kWriteDeadline,
                 .done = [respond, flags, &tokens](const WriteOutcome& outcome) {
                     respond(telemetry_answer(outcome, flags, tokens));
                 }});
}

}  // namespace

Response telemetry_answer(const WriteOutcome& outcome, WriteFlags flags, query::TokenDesk& tokens) {
    switch (outcome.status) {
        case WriteStatus::done: return done(outcome, flags.dry_run, tokens);
        case WriteStatus::refused: return refused(outcome, flags.atomic);
        case WriteStatus::unreadable:
            return problem("invalid_json", 400, "Unreadable body",
                           detail_or(outcome, "The body must be a JSON object or array."));
        case WriteStatus::tenant_inactive:
            return problem(
                "tenant_inactive", 403, "Tenant inactive",
                "This tenant is inactive: reads and writes are rejected until it is active again.");
        case WriteStatus::tenant_unknown:
            return problem("tenant_not_found", 404, "Tenant not found",
                           "The tenant was renamed; nothing was stored. Send its new name in "
                           "X-Atlas-Tenant.");
        case WriteStatus::busy:
            return with_retry_after(
                problem("too_many_requests", 429, "Too many requests",
                        "Too many writes are in progress; nothing was stored. Retry later."));
        case WriteStatus::unavailable: break;
    }
    return with_retry_after(problem("unavailable", 503, "Unavailable",
                                    detail_or(outcome, "The outcome is unknown; retry.")));
}

std::vector<Route> telemetry_routes(ingest::WriteSink& sink, query::TokenDesk& tokens) {
    return {{.method = "POST",
             .pattern = "/v1/telemetry",
             .scope = Scope::write,
             .parameters = {"atomic", "dry_run"},
             .async_handler = [&sink, &tokens](Request&& request,
                                               const std::function<void(Response)>& respond) {
                 submit(sink, tokens, std::move(request), respond);
             }}};
}

}  // namespace atlas::http
