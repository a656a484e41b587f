// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/result_text.h"

#include <cmath>
#include <limits>

#include "base/json_writer.h"

namespace atlas::analytics {
namespace {

using query::ResultFormat;

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

void append_csv_text(std::string& out, std::string_view text) {
    if (text.empty() || text.find_first_of(",\"\r\n") != std::string_view::npos ||
        text.front() == ' ' || text.back() == ' ') {
        append_quoted(out, text);
    } else {
        out += text;
    }
}

void append_csv_real(std::string& out, double number) {
    if (std::isfinite(number)) {
        JsonWriter(out).value(number);
    } else {
        out += std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
    }
}

}  // namespace

model::Type type_of(const duckdb::Column& column) {
    switch (column.kind) {
        case duckdb::Kind::boolean: return model::Type::boolean;
        case duckdb::Kind::integer: return model::Type::int64;
        case duckdb::Kind::huge:
        case duckdb::Kind::decimal: return model::Type::decimal;
        case duckdb::Kind::real: return model::Type::float64;
        case duckdb::Kind::timestamp:
        case duckdb::Kind::timestamp_tz: return model::Type::timestamp;
        case duckdb::Kind::json:
        case duckdb::Kind::other: return model::Type::json;
        case duckdb::Kind::text:
        case duckdb::Kind::date: break;
    }
    return model::Type::string;
}

namespace {

// An instant or day that no calendar has; they are stored as the first and last numbers.
template <class Number>
bool is_infinite(std::int64_t value) {
    return value == std::numeric_limits<Number>::max() ||
           value == -std::numeric_limits<Number>::max();
}

}  // namespace

Cell read_cell(const duckdb::Cells& cells, std::size_t row, std::string& scratch) {
    if (cells.is_null(row)) return {};
    switch (cells.column().kind) {
        case duckdb::Kind::boolean:
            return {.kind = Cell::Kind::boolean, .integer = cells.boolean(row) ? 1 : 0};
        case duckdb::Kind::integer:
            return {.kind = Cell::Kind::integer, .integer = cells.integer(row)};
        case duckdb::Kind::real: return {.kind = Cell::Kind::real, .real = cells.real(row)};
        case duckdb::Kind::timestamp:
        case duckdb::Kind::timestamp_tz:
            if (is_infinite<std::int64_t>(cells.integer(row))) return {};
            return {.kind = Cell::Kind::time, .integer = cells.integer(row)};
        case duckdb::Kind::text: return {.kind = Cell::Kind::text, .text = cells.text(row)};
        case duckdb::Kind::json: return {.kind = Cell::Kind::json, .text = cells.text(row)};
        case duckdb::Kind::huge:
        case duckdb::Kind::decimal:
            scratch.clear();
            cells.append_text(scratch, row);
            return {.kind = Cell::Kind::digits, .text = scratch};
        case duckdb::Kind::date:
            if (is_infinite<std::int32_t>(cells.integer(row))) return {};
            scratch.clear();
            cells.append_text(scratch, row);
            return {.kind = Cell::Kind::text, .text = scratch};
        case duckdb::Kind::other: break;
    }
    return {};
}

ResultText::ResultText(ResultFormat format, const std::vector<query::ResultColumn>& columns)
    : format_(format) {
    for (const query::ResultColumn& column : columns) {
        std::string key;
        if (format == ResultFormat::csv) append_csv_text(key, column.name);
        if (format == ResultFormat::ndjson) append_json_string(key, column.name);
        keys_.push_back(std::move(key));
    }
}

void ResultText::begin(std::string& out) const {
    if (format_ == ResultFormat::json) out += '[';
    if (format_ != ResultFormat::csv) return;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if (i > 0) out += ',';
        out += keys_[i];
    }
    out += "\r\n";
}

void ResultText::begin_row(std::string& out) {
    column_ = 0;
    if (format_ == ResultFormat::csv) return;
    if (format_ == ResultFormat::json && !first_) out += ',';
    first_ = false;
    out += format_ == ResultFormat::json ? '[' : '{';
}

void ResultText::cell(std::string& out, const Cell& cell) {
    if (column_ > 0) out += ',';
    if (format_ == ResultFormat::csv) {
        csv(out, cell);
    } else {
        if (format_ == ResultFormat::ndjson) {
            out += keys_[column_];
            out += ':';
        }
        json(out, cell);
    }
    ++column_;
}

void ResultText::end_row(std::string& out) {
    switch (format_) {
        case ResultFormat::json: out += ']'; return;
        case ResultFormat::csv: out += "\r\n"; return;
        default: out += "}\n"; return;
    }
}

void ResultText::end(std::string& out) const {
    if (format_ == ResultFormat::json) out += ']';
}

void ResultText::json(std::string& out, const Cell& cell) const {
    switch (cell.kind) {
        case Cell::Kind::null: out += "null"; return;
        case Cell::Kind::boolean: out += cell.integer != 0 ? "true" : "false"; return;
        case Cell::Kind::integer: JsonWriter(out).value(cell.integer); return;
        case Cell::Kind::real: JsonWriter(out).value(cell.real); return;
        case Cell::Kind::text: append_json_string(out, cell.text); return;
        case Cell::Kind::time: JsonWriter(out).value(time_from_micros(cell.integer)); return;
        case Cell::Kind::digits:
        case Cell::Kind::json: out += cell.text; return;
    }
}

void ResultText::csv(std::string& out, const Cell& cell) const {
    switch (cell.kind) {
        case Cell::Kind::null: return;
        case Cell::Kind::boolean: out += cell.integer != 0 ? "true" : "false"; return;
        case Cell::Kind::integer: JsonWriter(out).value(cell.integer); return;
        case Cell::Kind::real: append_csv_real(out, cell.real); return;
        case Cell::Kind::time: append_rfc3339(out, time_from_micros(cell.integer)); return;
        case Cell::Kind::digits: out += cell.text; return;
        case Cell::Kind::text:
        case Cell::Kind::json: append_csv_text(out, cell.text); return;
    }
}

}  // namespace atlas::analytics
