// SPDX-License-Identifier: Apache-2.0
//
// How values look to a person: numbers with their thousands apart, sizes in binary and rates in SI
// prefixes, times relative in a terminal and exact elsewhere; tables that line up.
//
// Threading  pure functions but for stdout; the main thread.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace atlas::cli {

// What stdout is, and what the environment asks for (NO_COLOR, COLUMNS).
struct Terminal {
    bool is_terminal = false;
    bool color = false;
    int width = 0;  // columns; 0: unlimited
};
Terminal stdout_terminal();
bool stderr_is_terminal();

// "12,480", "-1,000.5": digits as they are, grouped before the point.
std::string with_thousands(std::string_view digits);
// "1.5 GiB" for bytes, "12.3 kB/s" style rates for x/s, "42.0 %", "3.2 h" for seconds; a unit that
// is not known follows the number.
std::string with_unit(double value, std::string_view unit);
// "2 s ago", "in 5 min".
std::string relative_time(Time time, Time now);
// RFC 3339 text as relative_time(); unchanged when `terminal` is none, or it is no time.
std::string show_time(const std::string& rfc3339, const Terminal& terminal, Time now);
// A JSON value in a cell: strings bare, numbers by their digits, the rest as JSON.
std::string show_value(const boost::json::value& value);
// "2.5 s", "3.2 h", "4.1 d"
std::string show_duration(double seconds);

// Eight levels between the least and the greatest; at most `width` marks, each the mean of its
// share.
std::string sparkline(const std::vector<double>& values, std::size_t width);

// Control characters, which could steer a terminal, become U+FFFD.
std::string harmless(std::string_view text);
// Columns that a text takes: code points, not bytes.
std::size_t display_width(std::string_view text);

class Table {
public:
    struct Column {
        std::string name;
        bool right = false;
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.empty(); }

    // To stdout. Columns that do not fit the width are left out; returns how many.
    std::size_t print(const Terminal& terminal) const;
    // The same as text, for tests.
    std::string text(const Terminal& terminal, std::size_t* left_out = nullptr) const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace atlas::cli
