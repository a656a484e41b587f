// SPDX-License-Identifier: Apache-2.0
#include "bench/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "base/time.h"

namespace atlas::bench {
namespace {

constexpr double kTolerance = 1e-9;

std::optional<double> number(const boost::json::value& cell) {
    if (cell.is_number()) return cell.to_number<double>();
    if (!cell.is_string()) return std::nullopt;
    const std::string_view text = cell.as_string();
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

bool same(const boost::json::value& ours, const boost::json::value& theirs) {
    if (ours == theirs) return true;
    const auto one = number(ours);
    const auto other = number(theirs);
    if (one && other) {
        const double size = std::max({std::abs(*one), std::abs(*other), 1.0});
        return std::abs(*one - *other) <= kTolerance * size;
    }
    if (!ours.is_string() || !theirs.is_string()) return false;
    const auto when = parse_rfc3339(ours.as_string());
    return when && when == parse_rfc3339(theirs.as_string());
}

bool same_row(const boost::json::array& ours, const boost::json::array& theirs) {
    return std::ranges::equal(ours, theirs, same);
}

}  // namespace

std::optional<std::string> difference(const boost::json::array& ours,
                                      const boost::json::array& theirs) {
    for (std::size_t row = 0; row < std::min(ours.size(), theirs.size()); ++row) {
        if (same_row(ours[row].as_array(), theirs[row].as_array())) continue;
        return fmt::format("row {} is {}, theirs {}", row, boost::json::serialize(ours[row]),
                           boost::json::serialize(theirs[row]));
    }
    if (ours.size() == theirs.size()) return std::nullopt;
    return fmt::format("{} rows, theirs has {}", ours.size(), theirs.size());
}

boost::json::array parse_rows(std::string_view json) {
    boost::system::error_code failed;
    auto value = boost::json::parse(json, failed);
    if (failed || !value.is_array()) {
        throw std::runtime_error(fmt::format("not an array of rows: {}", json.substr(0, 200)));
    }
    return std::move(value.as_array());
}

}  // namespace atlas::bench
