// SPDX-License-Identifier: Apache-2.0
#include "base/lsn.h"

#include <fmt/format.h>

#include <charconv>

namespace atlas {
namespace {

std::optional<std::uint32_t> parse_half(std::string_view text) {
    std::uint32_t half = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, half, 16);
    if (text.empty() || text.size() > 8 || error != std::errc{} || stop != end) return std::nullopt;
    return half;
}

}  // namespace

std::string to_string(Lsn lsn) {
    return fmt::format("{:X}/{:X}", lsn.value >> 32, lsn.value & 0xFFFFFFFFU);
}

std::optional<Lsn> parse_lsn(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto high = parse_half(text.substr(0, slash));
    const auto low = parse_half(text.substr(slash + 1));
    if (!high || !low) return std::nullopt;
    return Lsn{(std::uint64_t{*high} << 32) | *low};
}

std::int64_t timeline_of_segment(std::string_view name) {
    return name.size() == 24 ? parse_half(name.substr(0, 8)).value_or(0) : 0;
}

}  // namespace atlas
