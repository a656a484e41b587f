// SPDX-License-Identifier: Apache-2.0
#include "client/problem.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace atlas::client {
namespace {

constexpr std::size_t kMaxForeignText = 200;

std::string text_of(const boost::json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->get_string());
}

}  // namespace

Problem problem_of(const Response& response) {
    Problem problem{response.status, {}, {}};
    boost::system::error_code error;
    const auto body = boost::json::parse(response.body, error);
    if (!error && body.is_object()) {
        const auto& object = body.get_object();
        problem.code = text_of(object, "code");
        problem.detail = text_of(object, "detail");
        if (problem.detail.empty()) problem.detail = text_of(object, "title");
        if (problem.detail.empty()) problem.detail = text_of(object, "message");
    }
    if (problem.detail.empty()) {
        problem.detail =
            fmt::format("HTTP {} {}", response.status, response.body.substr(0, kMaxForeignText));
    }
    return problem;
}

}  // namespace atlas::client
