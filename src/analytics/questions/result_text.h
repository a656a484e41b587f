// SPDX-License-Identifier: Apache-2.0
//
// Rows as text: arrays in JSON, objects in NDJSON, lines of CSV (RFC 4180, with a header).
//
//     store's chunks, computed rows → Cell → [ResultText] → body, stream
//
// Every digit of a number is written. NaN and the infinities are null in JSON and NaN, Infinity,
// -Infinity in CSV. In CSV null is an empty field and the empty text "".
//
// Lifetime   one result's. Cells borrow their text.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/duckdb/result.h"
#include "base/time.h"
#include "query/analytics.h"

namespace atlas::analytics {

struct Cell {
    enum class Kind : std::uint8_t { null, boolean, integer, real, digits, text, time, json };
    Kind kind = Kind::null;
    std::int64_t integer = 0;  // boolean: 0 or 1; time: Unix microseconds
    double real = 0;
    std::string_view text = {};  // digits of a number, text, JSON
};

// The column of a result as clients see it.
model::Type type_of(const duckdb::Column& column);
// A value of a chunk; what it needs of text is in the chunk or in `scratch`.
Cell read_cell(const duckdb::Cells& cells, std::size_t row, std::string& scratch);

class ResultText {
public:
    // `format` is json, ndjson or csv.
    ResultText(query::ResultFormat format, const std::vector<query::ResultColumn>& columns);

    void begin(std::string& out) const;
    void begin_row(std::string& out);
    void cell(std::string& out, const Cell& cell);  // the next column's
    void end_row(std::string& out);
    void end(std::string& out) const;

private:
    void json(std::string& out, const Cell& cell) const;
    void csv(std::string& out, const Cell& cell) const;

    const query::ResultFormat format_;
    std::vector<std::string> keys_;  // of each column, as its format has it
    std::size_t column_ = 0;
    bool first_ = true;
};

}  // namespace atlas::analytics
