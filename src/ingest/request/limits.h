// SPDX-License-Identifier: Apache-2.0
//
// Limits and the clock of one request that every parser applies alike, and the checks of names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace atlas::ingest {

inline constexpr std::size_t kMaxEntityBytes = 1024;
inline constexpr std::size_t kMaxNameBytes = 128;
inline constexpr std::size_t kMaxTypeBytes = 100;
inline constexpr std::size_t kMaxValueBytes = std::size_t{1} << 20U;  // of a string or JSON value
// What partitions can hold. Their end needs no check: later is after any clock's present.
inline constexpr Time kFirstTime{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};

struct ParseContext {
    Time received_at;            // stands for an absent instant of observation
    Time latest;                 // later observations are refused: kMaxAhead
    std::optional<Time> oldest;  // earlier ones too
    std::size_t max_value_bytes = kMaxValueBytes;
    std::size_t max_points_per_item = 20'000;
};

// The first byte below 0x20 or 0x7F makes a name invalid; bytes are UTF-8 already.
bool has_control_character(std::string_view text);

// nullptr when valid, else what is wrong, for an error's detail.
const char* entity_fault(std::string_view external_id);
const char* attribute_name_fault(std::string_view name);

}  // namespace atlas::ingest
