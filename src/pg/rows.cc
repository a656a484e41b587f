// SPDX-License-Identifier: Apache-2.0
#include "pg/rows.h"

#include <cassert>
#include <charconv>
#include <cmath>

namespace atlas::pg {
namespace {

template <class Number>
Number parse_cell(std::string_view text) {
    Number number{};
    [[maybe_unused]] const auto parsed =
        std::from_chars(text.data(), text.data() + text.size(), number);
    assert(parsed.ec == std::errc{});
    return number;
}

}  // namespace

std::int64_t Rows::affected() const {
    const std::string_view count = PQcmdTuples(result_.get());
    return count.empty() ? 0 : parse_cell<std::int64_t>(count);
}

std::string_view Rows::text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t Rows::int8(int row, int column) const {
    return parse_cell<std::int64_t>(text(row, column));
}

double Rows::float8(int row, int column) const {
    const std::string_view cell = text(row, column);
    if (cell == "NaN") return std::nan("");
    if (cell == "Infinity") return HUGE_VAL;
    if (cell == "-Infinity") return -HUGE_VAL;
    return parse_cell<double>(cell);
}

}  // namespace atlas::pg
