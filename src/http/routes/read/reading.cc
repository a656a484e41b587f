// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/reading.h"

#include <fmt/format.h>

#include <charconv>

#include "http/routes/database_problem.h"

namespace atlas::http {
namespace {

std::string json_text(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

std::string_view title_of(query::ErrorCode code) {
    switch (code) {
        case query::ErrorCode::invalid_filter: return "Invalid filter";
        case query::ErrorCode::unknown_attribute: return "Unknown attribute";
        case query::ErrorCode::attribute_not_hot: return "Attribute is not hot";
        case query::ErrorCode::invalid_order_by: return "Invalid order";
        case query::ErrorCode::invalid_page_token: return "Invalid page token";
        case query::ErrorCode::time_range_too_wide: return "Time range too wide";
        case query::ErrorCode::too_much_data: return "Too much data";
        case query::ErrorCode::entity_not_found: return "Entity not found";
        case query::ErrorCode::entity_deleted: return "Entity retired";
        case query::ErrorCode::invalid_parameter:
        case query::ErrorCode::database: break;
    }
    return "Invalid parameter";
}

double milliseconds(std::chrono::steady_clock::duration took) {
    return std::chrono::duration<double, std::milli>(took).count();
}

Response not_fresh(const route::Demand& demand, const query::Snapshot& best) {
    std::string as_of;
    JsonWriter(as_of).value(best.as_of);
    return problem("freshness_not_met", 412, "Freshness not met",
                   "No source holds the commit that this consistency token names; the freshest one "
                   "is described here. A token of another database, or one from before a restore, "
                   "is never met: leave it out.",
                   {{"consistency_token", json_text(to_string(best.position))},
                    {"wanted", json_text(to_string(*demand.floor))},
                    {"as_of", as_of}});
}

}  // namespace

std::vector<std::string> read_parameters(std::vector<std::string> more) {
    more.insert(more.end(), {"consistency", "max_lag", "consistency_token"});
    return more;
}

Response problem_of(const query::Error& error) {
    if (error.code == query::ErrorCode::database) return problem(error.cause.value_or(pg::Error{}));
    ProblemMembers members;
    if (!error.parameter.empty()) members.emplace_back("parameter", json_text(error.parameter));
    if (error.position) members.emplace_back("position", std::to_string(*error.position));
    if (!error.expected.empty()) members.emplace_back("expected", json_text(error.expected));
    const bool missing = error.code == query::ErrorCode::entity_not_found ||
                         error.code == query::ErrorCode::entity_deleted;
    return problem(query::to_string(error.code), missing ? 404 : 400, title_of(error.code),
                   error.detail, members);
}

std::optional<Response> Reading::begin() {
    if (auto refused = read_demand()) return refused;
    source_ = &context_.router.choose(demand_);
    auto lease = source_->session();
    if (!lease) return problem(lease.error());
    lease_.emplace(std::move(*lease));
    auto catalog = context_.catalog.get_recent(connection(), request_.tenant);
    if (!catalog) return problem(catalog.error());
    catalog_ = std::move(*catalog);
    if (catalog_ && catalog_->active()) return std::nullopt;
    return problem("tenant_inactive", 403, "Tenant inactive", "This tenant is switched off.");
}

std::optional<Response> Reading::read_demand() {
    if (const auto level = text("consistency"); !level.empty()) {
        const auto parsed = route::parse_level(level);
        if (!parsed) {
            return invalid_parameter("consistency",
                                     "consistency is strong, session, eventual or analytics.");
        }
        demand_.level = *parsed;
    }
    if (const auto lag = text("max_lag"); !lag.empty()) {
        demand_.max_lag = parse_duration(lag);
        if (!demand_.max_lag) {
            return invalid_parameter("max_lag", "max_lag is a duration such as 250ms, 5s or 10m.");
        }
    }
    const std::string* header = request_.header("x-consistency-token");
    const auto parameter = text("consistency_token");
    const std::string_view token = !parameter.empty()  ? parameter
                                   : header != nullptr ? std::string_view(*header)
                                                       : std::string_view{};
    if (token.empty()) return std::nullopt;
    demand_.floor = parse_lsn(token);
    if (!demand_.floor) {
        return problem("invalid_consistency_token", 400, "Invalid consistency token",
                       "This is no consistency token: hand one back as it came with an answer.",
                       {{"parameter", json_text("consistency_token")}});
    }
    if (demand_.level == route::Level::eventual) demand_.level = route::Level::session;
    return std::nullopt;
}

query::Answer<void> Reading::reload_catalog() {
    auto catalog = context_.catalog.reload(connection(), request_.tenant);
    if (!catalog) return failure(query::database_error(catalog.error()));
    if (*catalog) catalog_ = std::move(*catalog);
    return {};
}

std::string_view Reading::text(std::string_view parameter) const {
    const std::string* value = request_.query_value(parameter);
    return value == nullptr ? std::string_view{} : std::string_view(*value);
}

query::Answer<int> Reading::page_size(int fallback, int most) const {
    const std::string_view size = text("page_size");
    if (size.empty()) return fallback;
    long long number = 0;
    const auto read = std::from_chars(size.data(), size.data() + size.size(), number);
    const bool digits = read.ptr == size.data() + size.size() && size.front() != '-';
    if (digits && read.ec == std::errc::result_out_of_range) return most;
    if (!digits || read.ec != std::errc{} || number < 1) {
        return failure(query::parameter_error(
            "page_size", fmt::format("page_size is a number from 1 to {}.", most)));
    }
    return static_cast<int>(std::min<long long>(number, most));
}

Response Reading::finish(std::string body, const query::Snapshot& snapshot) {
    if (demand_.floor && snapshot.position < *demand_.floor) return not_fresh(demand_, snapshot);
    const auto lag = source_->lag();
    const double took = milliseconds(std::chrono::steady_clock::now() - started_);
    const std::string level(route::to_string(demand_.level));
    const std::string token = to_string(snapshot.position);
    const double seconds = lag ? std::chrono::duration<double>(*lag).count() : 0.0;
    Response response;
    std::string metadata;
    JsonWriter json(metadata);
    json.begin_object().key("source").value(source_->name()).key("lag_seconds");
    if (lag) {
        json.raw(fmt::format("{:.1f}", seconds));
    } else {
        json.null();
    }
    json.key("as_of").value(snapshot.as_of).key("consistency").value(level);
    json.key("cached").value(false).key("query_ms").raw(fmt::format("{:.2f}", took));
    json.key("consistency_token").value(token).end_object();
    body += ",\"_metadata\":" + metadata + "}";
    response.body = std::move(body);
    response.headers = {{"X-Data-Source", std::string(source_->name())},
                        {"X-Data-Lag-Seconds", lag ? fmt::format("{}", seconds) : "unknown"},
                        {"X-Consistency-Level", level},
                        {"X-Cache-Status", "bypass"},
                        {"X-Query-Duration-Ms", fmt::format("{:.2f}", took)},
                        {"X-Consistency-Token", token}};
    return response;
}

Handler read_handler(ReadContext& context, ReadAnswer answer) {
    return [&context, answer = std::move(answer)](const Request& request) {
        Reading reading(context, request);
        if (auto refused = reading.begin()) return std::move(*refused);
        auto response = answer(reading);
        return response ? std::move(*response) : problem_of(response.error());
    };
}

}  // namespace atlas::http
