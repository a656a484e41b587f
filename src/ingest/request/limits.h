// SPDX-License-Identifier: Apache-2.0
//
// Limits and the clock of one request, which every parser applies in the same way, and the checks
// of names.
//
// Threading  plain data and pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace atlas::ingest {

inline constexpr std::size_t kMaxEntityBytes = 1024;
inline constexpr std::size_t kMaxNameBytes = 255;
inline constexpr std::size_t kMaxTypeBytes = 100;
inline constexpr std::size_t kMaxValueBytes = std::size_t{1} << 20U;  // of a string or JSON value
// What partitions can hold. Their end needs no check: later is after any clock's present.
inline constexpr Time kFirstTime{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};

struct ParseContext {
    Time received_at;                              // the time of an observation that has none
    Time latest;                                   // later observations are refused: kMaxAhead
    std::optional<Time> oldest;                    // earlier ones too
    std::size_t max_value_bytes = kMaxValueBytes;  // of one string or JSON value
    std::size_t max_points_per_item = 20'000;
};

// Whether a byte is below 0x20 or 0x7F. The text is valid UTF-8.
bool has_control_character(std::string_view text);

// nullptr when valid; else the detail of the error. The text lives as long as the program.
const char* entity_fault(std::string_view external_id);
const char* attribute_name_fault(std::string_view name);
const char* category_fault(std::string_view category);

}  // namespace atlas::ingest
