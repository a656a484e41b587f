// SPDX-License-Identifier: Apache-2.0
#include "bench/questions.h"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <stdexcept>

#include "analytics/questions/named_queries.h"

namespace atlas::bench {
namespace {

using Clock = std::chrono::steady_clock;

const std::set<std::string_view> kOfStates{"fleet_distribution", "state_changes", "state_uptime"};

// "now-7d" is 7 days before the month's end.
std::string instant(std::string_view fallback, const Month& month) {
    int days = 0;
    if (const auto minus = fallback.find('-'); minus != std::string_view::npos) {
        std::from_chars(fallback.data() + minus + 1, fallback.data() + fallback.size(), days);
    }
    return format_rfc3339(month.to() - std::chrono::days{days});
}

boost::json::value parameter(const query::NamedQuery& query,
                             const query::NamedQuery::Parameter& parameter, const Month& month) {
    if (parameter.type == "timestamp") return instant(parameter.fallback, month).c_str();
    if (parameter.is_attribute) {
        if (parameter.name == "group") return "site";
        if (parameter.name == "other") return "curve_1";
        return kOfStates.contains(query.name) ? "state" : "curve_0";
    }
    if (parameter.type == "string") return parameter.fallback.c_str();
    double number = 0;
    std::from_chars(parameter.fallback.data(),
                    parameter.fallback.data() + parameter.fallback.size(), number);
    if (parameter.type == "int") return static_cast<std::int64_t>(number);
    return number;
}

}  // namespace

boost::json::object named_parameters(const Month& month) {
    boost::json::object all;
    for (const query::NamedQuery& query : analytics::named_queries()) {
        boost::json::object params;
        for (const auto& one : query.params) params[one.name] = parameter(query, one, month);
        all[query.name] = std::move(params);
    }
    return all;
}

std::vector<Question> named_questions(const Month& month) {
    std::vector<Question> questions;
    for (const auto& [name, params] : named_parameters(month)) {
        questions.push_back(
            {.name = name,
             .target = fmt::format("/v1/analytics/queries/{}", std::string_view(name)),
             .body = fmt::format(R"({{"params": {}}})", boost::json::serialize(params))});
    }
    return questions;
}

std::optional<boost::json::object> Questioner::try_ask(const Question& question) {
    const bool get = question.body.empty();
    const auto response = client_.send({.method = get ? "GET" : "POST",
                                        .target = question.target,
                                        .body = question.body,
                                        .content_type = get ? "" : "application/json"});
    if (response && (response->status == 429 || response->status == 503)) return std::nullopt;
    if (!response || response->status != 200) {
        throw std::runtime_error(fmt::format(
            "{}: {}", question.name,
            response ? response->body.substr(0, 500) : std::string(response.error().detail)));
    }
    auto body = std::move(boost::json::parse(response->body).as_object());
    if (const auto* cut = body.if_contains("truncated"); cut != nullptr && cut->as_bool()) {
        throw std::runtime_error(fmt::format("{}: the result was cut", question.name));
    }
    return body;
}

boost::json::object Questioner::ask(const Question& question) {
    std::optional<boost::json::object> body;
    await_that(question.name, 600, std::chrono::milliseconds{20}, [&] {
        body = try_ask(question);
        return body.has_value();
    });
    return std::move(*body);
}

std::vector<double> Questioner::repeat(const Question& question, double seconds) {
    constexpr std::size_t kLeast = 3;
    std::vector<double> all;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (all.size() < kLeast || Clock::now() < end) {
        const auto begin = Clock::now();
        (void)ask(question);
        all.push_back(milliseconds_since(begin));
    }
    return all;
}

}  // namespace atlas::bench
