// SPDX-License-Identifier: Apache-2.0
//
// A position in the primary's log: orders commits, and is what a consistency token holds. Its text
// is PostgreSQL's, "16/B374D848", opaque to clients.
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

// "16/B374D848", without leading zeros.
std::string to_string(Lsn lsn);

// nullopt for anything but two hexadecimal numbers of at most 8 digits joined by a slash.
std::optional<Lsn> parse_lsn(std::string_view text);

}  // namespace atlas
