// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/series.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/json_writer.h"
#include "http/routes/paging.h"

namespace atlas::http {
namespace {

using query::Answer;
using query::SeriesRequest;

constexpr int kDefaultPoints = 10'000;
constexpr int kMostPoints = 100'000;
constexpr auto kDefaultRange = std::chrono::days{7};

auto refuse(std::string parameter, std::string detail) {
    return failure(query::parameter_error(std::move(parameter), std::move(detail)));
}

// RFC 3339, or an integer of Unix milliseconds.
std::optional<Time> parse_time(std::string_view text) {
    std::int64_t millis = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, millis);
    if (read.ec == std::errc{} && read.ptr == end) return time_from_millis(millis);
    return parse_rfc3339(text);
}

Answer<Time> read_time(const Reading& reading, std::string_view parameter, Time fallback) {
    const std::string_view text = reading.text(parameter);
    if (text.empty()) return fallback;
    if (const auto time = parse_time(text)) return *time;
    return refuse(
        std::string(parameter),
        fmt::format("{} must be a time such as 2026-11-21T10:00:00Z, or Unix milliseconds.",
                    parameter));
}

query::Error too_wide(std::chrono::days widest) {
    return {.code = query::ErrorCode::time_range_too_wide,
            .detail = fmt::format(
                "A series covers at most {0} days: set from and to at most {0} days apart, or read "
                "it with consistency=analytics.",
                widest.count()),
            .parameter = "from"};
}

// A longer range than the operational sources answer is for the analytics store.
Answer<void> read_range(const Reading& reading, SeriesRequest& series) {
    auto to = read_time(reading, "to", reading.request().received_at);
    if (!to) return failure(std::move(to.error()));
    const std::chrono::days widest = reading.max_time_range();
    auto from = read_time(reading, "from", *to - std::min(kDefaultRange, widest));
    if (!from) return failure(std::move(from.error()));
    series.from = *from;
    series.to = *to;
    if (*from >= *to) return refuse("from", "from must be before to.");
    if (*to - *from <= widest || series.demand.level == query::Level::analytics) return {};
    if (series.demand.level != query::Level::eventual) return failure(too_wide(widest));
    series.demand.level = query::Level::analytics;
    return {};
}

Answer<void> read_step(const Reading& reading, SeriesRequest& series) {
    const std::string_view name = reading.text("timezone");
    const auto zone = name.empty() ? std::nullopt : TimeZone::find(name);
    if (!name.empty() && !zone) {
        return refuse("timezone",
                      "timezone must be a name of the tz database, such as Europe/Berlin.");
    }
    const std::string_view step = reading.text("step");
    if (step.empty()) {
        if (!zone) return {};
        return refuse("timezone", "timezone is for buckets: give step as well, such as 1d or 1mo.");
    }
    series.step = query::BucketStep::parse(step, zone);
    if (series.step) return {};
    return refuse(
        "step",
        "step must be a duration above zero such as 10s, 5m or 1h, or days, weeks, months "
        "or years such as 1d, 1w, 1mo or 1y.");
}

Answer<void> read_buckets(const Reading& reading, SeriesRequest& series) {
    if (auto read = read_step(reading, series); !read) return read;
    std::string_view list = reading.text("agg");
    while (!list.empty()) {
        const std::string_view word = list.substr(0, list.find(','));
        const auto aggregate = query::parse_aggregate(word);
        if (!aggregate) {
            return refuse(
                "agg",
                "agg must be a list of avg, min, max, sum, count, first, last, p50, p95, p99.");
        }
        if (std::ranges::find(series.aggregates, *aggregate) == series.aggregates.end()) {
            series.aggregates.push_back(*aggregate);
        }
        list.remove_prefix(std::min(list.size(), word.size() + 1));
    }
    series.raw = !series.step && series.aggregates.empty();
    return {};
}

Answer<void> read_attributes(const Reading& reading, SeriesRequest& series) {
    const std::string_view text = reading.text("attributes");
    auto names = query::parse_names(text.empty() ? "*" : text, "attributes");
    if (!names) return failure(std::move(names.error()));
    series.names = std::move(*names);
    return {};
}

Answer<void> read_form(const Reading& reading, SeriesRequest& series) {
    const std::string_view order = reading.text("order_by");
    series.descending = order == "time desc";
    if (!order.empty() && order != "time" && order != "time asc" && !series.descending) {
        return failure(
            query::Error{.code = query::ErrorCode::invalid_order_by,
                         .detail = "order_by of series must be \"time\" or \"time desc\".",
                         .parameter = "order_by"});
    }
    const std::string_view time = reading.text("time");
    if (time == "unix_ms") series.time = query::TimeFormat::unix_ms;
    if (time == "unix_us") series.time = query::TimeFormat::unix_us;
    if (!time.empty() && time != "rfc3339" && series.time == query::TimeFormat::rfc3339) {
        return refuse("time", "time must be rfc3339, unix_ms or unix_us.");
    }
    const std::string_view group = reading.text("group_by");
    series.merged = group == "none";
    if (!group.empty() && group != "entity" && !series.merged) {
        return refuse("group_by", "group_by must be entity or none.");
    }
    const auto explain = reading.flag("explain");
    if (!explain) return failure(explain.error());
    series.explain = *explain;
    const auto size = read_page_size(reading.request(), kDefaultPoints, kMostPoints);
    if (!size) return failure(size.error());
    series.page_size = *size;
    return {};
}

Answer<void> read_fleet(const Reading& reading, SeriesRequest& series) {
    auto filter = query::parse_filter(reading.text("filter"));
    if (!filter) return failure(std::move(filter.error()));
    series.filter = std::move(*filter);
    return {};
}

// What must be the same from page to page. Absent bounds count as absent: the first page's hold.
std::string question(const Reading& reading, const SeriesRequest& series) {
    std::string text = fmt::format("series\n{}\n{}\n", series.tenant.value,
                                   series.entity ? "entity " + *series.entity : "fleet");
    for (const std::string_view name :
         {"filter", "attributes", "from", "to", "step", "agg", "group_by", "order_by"}) {
        text += fmt::format("{}={}\n", name, reading.text(name));
    }
    // Only where it is given: tokens of the release before hold no zone.
    if (const auto zone = reading.text("timezone"); !zone.empty()) {
        text += fmt::format("timezone={}\n", zone);
    }
    return text;
}

Answer<SeriesRequest> read_request(const Reading& reading, bool fleet) {
    SeriesRequest series;
    series.tenant = reading.request().tenant;
    if (!fleet) series.entity = reading.request().segments.front();
    series.page_token = reading.text("page_token");
    series.demand = reading.demand();
    series.stop = reading.request().gone;
    for (const auto read : {read_range, read_buckets, read_attributes, read_form}) {
        if (auto good = read(reading, series); !good) return failure(std::move(good.error()));
    }
    if (fleet) {
        if (auto good = read_fleet(reading, series); !good) return failure(std::move(good.error()));
    } else {
        series.merged = false;
    }
    series.question = question(reading, series);
    return series;
}

bool is_unavailable(const Response& response) {
    return response.status == 503 &&
           response.body.find("\"analytics_unavailable\"") != std::string::npos;
}

Answer<Response> answer(const Reading& reading, bool fleet) {
    const auto request = read_request(reading, fleet);
    if (!request) return failure(request.error());
    // The request did not ask for the analytics store: where that cannot answer, the range is wide.
    const bool widened = request->demand.level != reading.demand().level;
    if (auto response = reading.forwarded(request->demand)) {
        if (widened && is_unavailable(*response))
            return failure(too_wide(reading.max_time_range()));
        return std::move(*response);
    }
    auto page = reading.timed([&] { return reading.reader().series(*request); });
    if (!page && widened && page.error().code == query::ErrorCode::analytics_unavailable) {
        return failure(too_wide(reading.max_time_range()));
    }
    if (!page) return failure(std::move(page.error()));
    std::string body;
    body.reserve(page->series.size() + 2048);  // and what finish() adds
    JsonWriter json(body);
    json.begin_object().key("from").value(page->from).key("to").value(page->to);
    if (request->step) json.key("step").value(reading.text("step"));
    if (const auto zone = reading.text("timezone"); !zone.empty()) {
        json.key("timezone").value(zone);
    }
    json.key("series").raw(page->series).key("next_page_token").value(page->next_page_token);
    if (page->plan) json.key("plan").raw(*page->plan);
    return reading.finish(std::move(body), page->snapshot);
}

}  // namespace

std::vector<Route> series_read_routes(ReadContext& context) {
    const std::vector<std::string> common{"attributes", "from",       "to",       "step",
                                          "timezone",   "agg",        "group_by", "order_by",
                                          "page_size",  "page_token", "time",     "explain"};
    std::vector<Route> routes(2);
    routes[0].method = "GET";
    routes[0].pattern = "/v1/entities/{entity}/series";
    routes[0].parameters = read_parameters(common);
    routes[0].handler =
        read_handler(context, [](const Reading& reading) { return answer(reading, false); });
    routes[1].method = "GET";
    routes[1].pattern = "/v1/series";
    routes[1].parameters = read_parameters(common);
    routes[1].parameters.emplace_back("filter");
    for (Route& route : routes) route.cancellable = true;
    routes[1].handler =
        read_handler(context, [](const Reading& reading) { return answer(reading, true); });
    return routes;
}

}  // namespace atlas::http
