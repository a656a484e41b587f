// SPDX-License-Identifier: Apache-2.0
#include "http/server/router.h"

#include <algorithm>
#include <stdexcept>

namespace atlas::http {
namespace {

bool is_capture(std::string_view segment) {
    return segment.starts_with('{');
}

std::vector<std::string> split(std::string_view pattern) {
    if (!pattern.starts_with('/')) {
        throw std::logic_error("a route begins with a slash: " + std::string(pattern));
    }
    std::vector<std::string> segments;
    for (pattern.remove_prefix(1); !pattern.empty();) {
        const auto slash = pattern.find('/');
        segments.emplace_back(pattern.substr(0, slash));
        pattern.remove_prefix(slash == std::string_view::npos ? pattern.size() : slash + 1);
    }
    return segments;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
    return std::ranges::equal(pattern, segments, [](const auto& wanted, const auto& given) {
        return is_capture(wanted) ? !given.empty() : wanted == given;
    });
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        const Route& route = routes_[i];
        if (bool(route.handler) == bool(route.async_handler)) {
            throw std::logic_error("a route has one handler: " + route.pattern);
        }
        const auto segments = split(route.pattern);
        auto pattern = std::ranges::find(patterns_, segments, &Pattern::segments);
        if (pattern == patterns_.end()) {
            pattern = patterns_.insert(pattern, Pattern{segments, {}});
        }
        if (!pattern->methods.emplace(route.method, i).second) {
            throw std::logic_error("two routes for " + route.method + ' ' + route.pattern);
        }
    }
    std::ranges::sort(patterns_, {}, [](const Pattern& pattern) {
        return std::ranges::count_if(pattern.segments, is_capture);
    });
}

const Router::Pattern* Router::find(const std::vector<std::string>& segments) const {
    const auto found = std::ranges::find_if(
        patterns_, [&](const Pattern& pattern) { return matches(pattern.segments, segments); });
    return found == patterns_.end() ? nullptr : &*found;
}

Result<Router::Match, Router::Miss> Router::match(std::string_view method,
                                                  const std::vector<std::string>& segments) const {
    const Pattern* pattern = find(segments);
    if (pattern == nullptr) return failure(Miss{});
    auto found = pattern->methods.find(method);
    if (found == pattern->methods.end() && method == "HEAD") found = pattern->methods.find("GET");
    if (found == pattern->methods.end()) {
        Miss miss;
        for (const auto& [name, index] : pattern->methods) {
            miss.allow += (miss.allow.empty() ? "" : ", ") + name;
            if (name == "GET" && !pattern->methods.contains("HEAD")) miss.allow += ", HEAD";
        }
        return failure(std::move(miss));
    }
    Match match{.index = found->second, .captures = {}};
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (is_capture(pattern->segments[i])) match.captures.push_back(segments[i]);
    }
    return match;
}

}  // namespace atlas::http
