// SPDX-License-Identifier: Apache-2.0
//
// What `explain=true` adds to a response: from which source each part of it was read.
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace atlas::query {

struct PlanUnit {
    std::vector<std::string> measures = {};  // empty: left out
    // "rollup": hourly aggregates, and points around them; "raw": points; "values": points,
    // measured one by one.
    std::string_view source = "raw";
    std::int64_t attributes = 0;
    // The hours that were read as aggregates.
    std::optional<Time> rollup_from = {};
    std::optional<Time> rollup_to = {};
};

// A JSON object.
std::string plan_json(const std::vector<PlanUnit>& units);

}  // namespace atlas::query
