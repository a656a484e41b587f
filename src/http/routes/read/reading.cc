// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/reading.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "http/routes/query_problem.h"

namespace atlas::http {
namespace {

double milliseconds(std::chrono::steady_clock::duration took) {
    return std::chrono::duration<double, std::milli>(took).count();
}

}  // namespace

std::vector<std::string> read_parameters(std::vector<std::string> more) {
    more.insert(more.end(), {"consistency", "max_lag", "purpose", "consistency_token"});
    return more;
}

std::optional<Response> Reading::begin(bool own_writes) {
    if (const auto level = text("consistency"); !level.empty()) {
        const auto parsed = query::parse_level(level);
        if (!parsed) {
            return invalid_parameter("consistency",
                                     "consistency must be strong, session, eventual or analytics.");
        }
        demand_.level = *parsed;
    }
    if (const auto lag = text("max_lag"); !lag.empty()) {
        demand_.max_lag = parse_duration(lag);
        if (!demand_.max_lag) {
            return invalid_parameter("max_lag",
                                     "max_lag must be a duration such as 250ms, 5s or 10m.");
        }
    }
    if (const auto word = text("purpose"); !word.empty()) {
        const auto purpose = query::parse_purpose(word);
        if (!purpose) {
            return invalid_parameter("purpose", "purpose must be alert, dashboard or export.");
        }
        query::tighten(demand_, *purpose, context_.export_max_lag);
    }
    if (auto refused = read_token()) return refused;
    if (own_writes) add_own_writes();
    return std::nullopt;
}

void Reading::add_own_writes() {
    if (context_.writes == nullptr || demand_.level == query::Level::analytics) return;
    const auto newest = context_.writes->newest(request_.tenant);
    if (newest) demand_.floor = std::max(demand_.floor.value_or(LogPosition{}), *newest);
}

std::optional<Response> Reading::read_token() {
    const std::string* header = request_.header("x-consistency-token");
    const auto parameter = text("consistency_token");
    token_ = !parameter.empty()  ? parameter
             : header != nullptr ? std::string_view(*header)
                                 : std::string_view{};
    if (token_.empty()) return std::nullopt;
    if (demand_.level == query::Level::eventual) demand_.level = query::Level::session;
    auto accepted = context_.tokens.accept(token_);
    if (!accepted) return problem(accepted.error(), request_);
    demand_.floor = accepted->floor;
    timeline_ = accepted->timeline;
    return std::nullopt;
}

// The token was good on the timeline that was known; what was read is of another one.
std::optional<Response> Reading::check_token(const query::Snapshot& snapshot) const {
    if (token_.empty() || snapshot.position.timeline == timeline_) return std::nullopt;
    const auto accepted = context_.tokens.accept(token_);
    if (accepted) return std::nullopt;
    return problem(accepted.error(), request_);
}

std::string_view Reading::text(std::string_view parameter) const {
    const std::string* value = request_.query_value(parameter);
    return value == nullptr ? std::string_view{} : std::string_view(*value);
}

query::Answer<bool> Reading::flag(std::string_view parameter) const {
    const std::string_view word = text(parameter);
    if (word.empty() || word == "true" || word == "false") return word == "true";
    return failure(query::parameter_error(std::string(parameter),
                                          fmt::format("{} must be true or false.", parameter)));
}

std::optional<Response> Reading::forwarded(const query::Demand& demand) const {
    if (demand.level != query::Level::analytics || !context_.forward) return std::nullopt;
    return context_.forward(request_);
}

Response Reading::finish(std::string json, const query::Snapshot& snapshot) const {
    // Issued first: that is how the desk learns of a promotion.
    const std::string token = context_.tokens.issue(snapshot.position);
    if (auto refused = check_token(snapshot)) return std::move(*refused);
    const std::string took =
        fmt::format("{:.2f}", milliseconds(std::chrono::steady_clock::now() - started_));
    const std::string level(query::to_string(demand_.level));
    const double lag = snapshot.lag ? std::chrono::duration<double>(*snapshot.lag).count() : 0.0;
    std::string metadata;
    JsonWriter writer(metadata);
    writer.begin_object().key("source").value(snapshot.source).key("lag_seconds");
    snapshot.lag ? writer.raw(fmt::format("{:.{}f}", lag, lag == 0 ? 1 : 3)) : writer.null();
    writer.key("as_of").value(snapshot.as_of).key("consistency").value(level);
    writer.key("cached").value(false).key("query_ms").raw(took);
    writer.key("consistency_token").value(token);
    if (!snapshot.warnings.empty()) {
        writer.key("warnings").begin_array();
        for (const auto& [code, detail] : snapshot.warnings) {
            writer.begin_object().key("code").value(code).key("detail").value(detail).end_object();
        }
        writer.end_array();
    }
    writer.end_object();
    json += ",\"_metadata\":" + metadata + "}";
    Response response;
    response.body = std::move(json);
    if (queried_ > queried_.zero()) response.queried = queried_;
    response.headers = {{"X-Data-Source", snapshot.source},
                        {"X-Data-Lag-Seconds", snapshot.lag ? fmt::format("{}", lag) : "unknown"},
                        {"X-Consistency-Level", level},
                        {"X-Cache-Status", "bypass"},
                        {"X-Query-Duration-Ms", took},
                        {"X-Consistency-Token", token}};
    (snapshot.source == kLiveSource ? context_.served_live : context_.served).add(1);
    return response;
}

Handler read_handler(ReadContext& context, Read read) {
    return [&context, read = std::move(read)](const Request& request) {
        Reading reading(context, request);
        if (auto refused = reading.begin()) return std::move(*refused);
        auto response = read(reading);
        return response ? std::move(*response)
                        : problem(response.error(), request, &context.tokens);
    };
}

}  // namespace atlas::http
