// SPDX-License-Identifier: Apache-2.0
#include "http/server/handler.h"

#include <algorithm>

namespace atlas::http {
namespace {

const std::string* find(const std::vector<std::pair<std::string, std::string>>& pairs,
                        std::string_view name) {
    const auto found = std::ranges::find(
        pairs, name, [](const auto& pair) -> std::string_view { return pair.first; });
    return found == pairs.end() ? nullptr : &found->second;
}

}  // namespace

const std::string* Request::query_value(std::string_view name) const {
    return find(query, name);
}

const std::string* Request::header(std::string_view lower_case_name) const {
    return find(headers, lower_case_name);
}

}  // namespace atlas::http
