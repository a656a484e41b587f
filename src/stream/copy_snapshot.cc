// SPDX-License-Identifier: Apache-2.0
#include "stream/copy_snapshot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace atlas::stream {
namespace {

template <class Int>
std::optional<Int> parse_number(std::string_view text) {
    Int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Takes what is before `mark`, or everything, from the front of `text`.
std::string_view take(std::string_view& text, char mark) {
    const std::size_t end = std::min(text.find(mark), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

}  // namespace

bool CopySnapshot::shows(std::uint32_t xid) const {
    // The one of its 64-bit numbers that is nearest: transactions that run at a time are closer
    // together than half the circle.
    std::uint64_t full = (next & ~std::uint64_t{UINT32_MAX}) | xid;
    constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32U;
    if (full > next && full - next > kEpoch / 2 && full >= kEpoch) full -= kEpoch;
    if (full < next && next - full > kEpoch / 2) full += kEpoch;
    if (full < oldest) return true;
    return full < next && !std::ranges::binary_search(running, full);
}

std::string to_string(const Position& position) {
    return fmt::format("{} {}", position.timeline, to_string(position.lsn));
}

std::optional<Position> parse_position(std::string_view text) {
    const auto timeline = parse_number<std::int64_t>(take(text, ' '));
    const auto lsn = parse_lsn(text);
    if (!timeline || !lsn) return std::nullopt;
    return Position{.timeline = *timeline, .lsn = *lsn};
}

std::string to_string(const CopySnapshot& snapshot) {
    return fmt::format("{} {}:{}:{}", to_string(snapshot.after), snapshot.oldest, snapshot.next,
                       fmt::join(snapshot.running, ","));
}

std::optional<CopySnapshot> parse_copy_snapshot(std::string_view text) {
    const std::size_t blank = text.rfind(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const auto after = parse_position(text.substr(0, blank));
    text.remove_prefix(blank + 1);
    const auto oldest = parse_number<std::uint64_t>(take(text, ':'));
    const auto next = parse_number<std::uint64_t>(take(text, ':'));
    if (!after || !oldest || !next) return std::nullopt;
    CopySnapshot snapshot{.after = *after, .oldest = *oldest, .next = *next, .running = {}};
    while (!text.empty()) {
        const auto xid = parse_number<std::uint64_t>(take(text, ','));
        if (!xid) return std::nullopt;
        snapshot.running.push_back(*xid);
    }
    std::ranges::sort(snapshot.running);
    return snapshot;
}

}  // namespace atlas::stream
