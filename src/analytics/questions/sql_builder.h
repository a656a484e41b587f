// SPDX-License-Identifier: Apache-2.0
//
// The parameters of a statement that is being composed, and the few values that are written into
// its text because the store prunes by constants: numbers and instants, never text of a user, but
// names in quotes.
//
// Threading  one thread at a time.
#pragma once

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

}  // namespace atlas::analytics
