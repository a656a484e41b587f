// SPDX-License-Identifier: Apache-2.0
//
// Positions in the log of a PostgreSQL server: they order commits, and a consistency token holds
// one. The text of an Lsn is PostgreSQL's, "16/B374D848".
//
// Threading  plain data; pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlas {

struct Lsn {
    std::uint64_t value = 0;
    auto operator<=>(const Lsn&) const = default;
};

// A place in the history of one database system. A promotion begins a timeline and may lose commits
// of the one before, so positions compare by timeline first.
struct LogPosition {
    std::int64_t timeline = 0;  // from 1; 0: unknown
    Lsn lsn;
    auto operator<=>(const LogPosition&) const = default;
};

// "16/B374D848", without leading zeros.
std::string to_string(Lsn lsn);

// nullopt for anything but two hexadecimal numbers of at most 8 digits joined by a slash.
std::optional<Lsn> parse_lsn(std::string_view text);

// The timeline in the name of a segment of the log, "000000020000000000000001"; 0 for anything
// else.
std::int64_t timeline_of_segment(std::string_view name);

}  // namespace atlas
