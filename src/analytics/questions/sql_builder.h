// SPDX-License-Identifier: Apache-2.0
//
// The parameters of a statement that is being composed, and the few values that are written into
// its text because the store prunes by constants: numbers and instants, never text of a user, but
// names in quotes.
//
// Threading  one thread at a time.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analytics/duckdb/connection.h"
#include "base/time.h"

namespace atlas::analytics {

class Params {
public:
    // The placeholder of the value.
    std::string add(duckdb::Parameter value) {
        values_.push_back(std::move(value));
        return "$" + std::to_string(values_.size());
    }
    const std::vector<duckdb::Parameter>& values() const { return values_; }

private:
    std::vector<duckdb::Parameter> values_;
};

inline std::string quoted(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote) out += quote;
        out += c;
    }
    return out + quote;
}
inline std::string sql_literal(std::string_view text) {
    return quoted(text, '\'');
}
inline std::string sql_name(std::string_view name) {
    return quoted(name, '"');
}
inline std::string sql_instant(Time at) {
    return "TIMESTAMPTZ '" + format_rfc3339(at) + "'";
}
// The day that the instant is in.
inline std::string sql_day(Time at) {
    return "DATE '" + format_rfc3339(Time{day_of(at)}).substr(0, 10) + "'";
}
// Points of `alias` from `from` on and before `to`, with the days by which the store prunes.
inline std::string sql_between(std::string_view alias, Time from, Time to) {
    return fmt::format(
        "{0}.day >= {1} AND {0}.day <= {2} AND {0}.observed_at >= {3} AND {0}.observed_at < {4}",
        alias, sql_day(from), sql_day(to), sql_instant(from), sql_instant(to));
}

}  // namespace atlas::analytics
