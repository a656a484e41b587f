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

std::optional<Purpose> parse_purpose(std::string_view word) {
    if (word == "alert") return Purpose::alert;
    if (word == "dashboard") return Purpose::dashboard;
    if (word == "export") return Purpose::exporting;
    return std::nullopt;
}

void tighten(Demand& demand, Purpose purpose, Micros export_max_lag) {
    if (purpose == Purpose::dashboard) return;
    if (purpose == Purpose::alert) demand.level = Level::strong;
    const Micros allowed = purpose == Purpose::alert ? Micros{0} : export_max_lag;
    demand.max_lag = std::min(demand.max_lag.value_or(allowed), allowed);
}

}  // namespace atlas::query
