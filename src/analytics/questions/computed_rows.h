// SPDX-License-Identifier: Apache-2.0
//
// The rows of a structured question while they are put together from the results of several
// statements: by the values of their groups. What HAVING, ORDER BY and LIMIT of SQL do happens
// here, exactly, whatever the store can hold of a number.
//
//     results by group → [ComputedRows] → having, order, limit → ResultText
//
// Lifetime   one question's.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analytics/questions/result_text.h"
#include "query/analytics_request.h"

namespace atlas::analytics {

// A cell that owns its text.
struct Value {
    Cell::Kind kind = Cell::Kind::null;
    std::int64_t integer = 0;
    double real = 0;
    std::string text = {};

    static Value of(std::int64_t integer);
    static Value of(double real);
    static Value digits(std::string digits);
    Cell cell() const { return {kind, integer, real, text}; }
    bool is_null() const { return kind == Cell::Kind::null; }
};

// By value: numbers by their exact values, text byte by byte; null is the greatest.
std::strong_ordering compare(const Value& a, const Value& b);

using GroupValues = std::vector<Value>;

// Of groups of equally many values, from the first that differs.
struct LessGroup {
    bool operator()(const GroupValues& a, const GroupValues& b) const;
};

class ComputedRows {
public:
    explicit ComputedRows(const query::AnalyticsRequest& request) : request_(request) {}

    // The measures of that group, all null, counts 0, where it is new.
    std::vector<Value>& row(GroupValues group);
    std::size_t size() const { return rows_.size(); }

    // What HAVING keeps, in order, as far as the limit; a row is its groups, then its measures.
    // `truncated`: the limit left some out.
    std::vector<std::vector<Value>> finish(bool& truncated);

private:
    const query::AnalyticsRequest& request_;
    std::map<GroupValues, std::vector<Value>, LessGroup> rows_;
};

}  // namespace atlas::analytics
