// SPDX-License-Identifier: Apache-2.0
#include "query/demand.h"

#include <algorithm>
#include <array>

namespace atlas::query {
namespace {

constexpr std::array<std::string_view, 4> kLevels{"strong", "session", "eventual", "analytics"};

}  // namespace

std::string_view to_string(Level level) {
    return kLevels[static_cast<std::size_t>(level)];
}

std::optional<Level> parse_level(std::string_view word) {
    const auto found = std::ranges::find(kLevels, word);
    if (found == kLevels.end()) return std::nullopt;
    return static_cast<Level>(found - kLevels.begin());
}

}  // namespace atlas::query
