// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/result.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <utility>

#include "analytics/duckdb/error.h"
#include "analytics/duckdb/watchdog.h"
#include "base/time.h"

namespace atlas::analytics::duckdb {

namespace {

Kind kind_of(duckdb_logical_type type) {
    switch (duckdb_get_type_id(type)) {
        case DUCKDB_TYPE_BOOLEAN: return Kind::boolean;
        case DUCKDB_TYPE_TINYINT:
        case DUCKDB_TYPE_SMALLINT:
        case DUCKDB_TYPE_INTEGER:
        case DUCKDB_TYPE_BIGINT:
        case DUCKDB_TYPE_UTINYINT:
        case DUCKDB_TYPE_USMALLINT:
        case DUCKDB_TYPE_UINTEGER: return Kind::integer;
        case DUCKDB_TYPE_UBIGINT:
        case DUCKDB_TYPE_HUGEINT: return Kind::huge;
        case DUCKDB_TYPE_FLOAT:
        case DUCKDB_TYPE_DOUBLE: return Kind::real;
        case DUCKDB_TYPE_DECIMAL: return Kind::decimal;
        case DUCKDB_TYPE_ENUM: return Kind::text;
        case DUCKDB_TYPE_TIMESTAMP:
        case DUCKDB_TYPE_TIMESTAMP_S:
        case DUCKDB_TYPE_TIMESTAMP_MS:
        case DUCKDB_TYPE_TIMESTAMP_NS: return Kind::timestamp;
        case DUCKDB_TYPE_TIMESTAMP_TZ: return Kind::timestamp_tz;
        case DUCKDB_TYPE_DATE: return Kind::date;
        case DUCKDB_TYPE_VARCHAR: {
            char* alias = duckdb_logical_type_get_alias(type);
            const bool json = alias != nullptr && std::string_view(alias) == "JSON";
            duckdb_free(alias);
            return json ? Kind::json : Kind::text;
        }
        default: return Kind::other;
    }
}

void append_wide(std::string& out, Int128 value) {
    fmt::format_to(std::back_inserter(out), "{}", value);
}

void append_double(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
    } else if (std::isinf(value)) {
        out += value < 0 ? "-Infinity" : "Infinity";
    } else {
        std::array<char, 32> text;
        const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
        out.append(text.data(), end);
    }
}

void append_date(std::string& out, std::int64_t days) {
    const std::chrono::year_month_day date{Day{std::chrono::days{days}}};
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", int{date.year()},
                   unsigned{date.month()}, unsigned{date.day()});
}

}  // namespace

Column make_column(std::string name, duckdb_logical_type type) {
    Column column{.name = std::move(name), .kind = kind_of(type)};
    if (column.kind == Kind::decimal) {
        column.width = duckdb_decimal_width(type);
        column.scale = duckdb_decimal_scale(type);
    }
    return column;
}

void append_decimal(std::string& out, Int128 number, std::uint8_t scale) {
    std::string digits = fmt::format("{}", number < 0 ? -number : number);
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    if (number < 0) out += '-';
    out.append(digits, 0, digits.size() - scale);
    if (scale > 0) {
        out += '.';
        out.append(digits, digits.size() - scale);
    }
}

// --- Cells

Cells::Cells(duckdb_vector vector, const Column& column)
    : column_(&column),
      data_(duckdb_vector_get_data(vector)),
      validity_(duckdb_vector_get_validity(vector)) {
    duckdb_logical_type type = duckdb_vector_get_column_type(vector);
    storage_ = duckdb_get_type_id(type);
    if (storage_ == DUCKDB_TYPE_DECIMAL) storage_ = duckdb_decimal_internal_type(type);
    if (storage_ == DUCKDB_TYPE_ENUM) {
        storage_ = duckdb_enum_internal_type(type);
        auto words = std::make_shared<std::vector<std::string>>();
        for (idx_t i = 0; i < duckdb_enum_dictionary_size(type); ++i) {
            char* word = duckdb_enum_dictionary_value(type, i);
            words->emplace_back(word);
            duckdb_free(word);
        }
        words_ = std::move(words);
    }
    duckdb_destroy_logical_type(&type);
}

bool Cells::boolean(std::size_t row) const {
    return at<bool>(row);
}

Int128 Cells::wide(std::size_t row) const {
    switch (storage_) {
        case DUCKDB_TYPE_BOOLEAN: return at<bool>(row) ? 1 : 0;
        case DUCKDB_TYPE_TINYINT: return at<std::int8_t>(row);
        case DUCKDB_TYPE_SMALLINT: return at<std::int16_t>(row);
        case DUCKDB_TYPE_INTEGER:
        case DUCKDB_TYPE_DATE: return at<std::int32_t>(row);
        case DUCKDB_TYPE_UTINYINT: return at<std::uint8_t>(row);
        case DUCKDB_TYPE_USMALLINT: return at<std::uint16_t>(row);
        case DUCKDB_TYPE_UINTEGER: return at<std::uint32_t>(row);
        case DUCKDB_TYPE_UBIGINT: return at<std::uint64_t>(row);
        case DUCKDB_TYPE_HUGEINT: {
            const auto value = at<duckdb_hugeint>(row);
            return static_cast<Int128>(value.upper) << 64 | value.lower;
        }
        case DUCKDB_TYPE_TIMESTAMP_S: return at<std::int64_t>(row) * 1'000'000;
        case DUCKDB_TYPE_TIMESTAMP_MS: return at<std::int64_t>(row) * 1'000;
        case DUCKDB_TYPE_TIMESTAMP_NS: return at<std::int64_t>(row) / 1'000;
        default: return at<std::int64_t>(row);
    }
}

std::int64_t Cells::integer(std::size_t row) const {
    return static_cast<std::int64_t>(wide(row));
}

double Cells::real(std::size_t row) const {
    if (storage_ == DUCKDB_TYPE_DOUBLE) return at<double>(row);
    if (storage_ == DUCKDB_TYPE_FLOAT) return static_cast<double>(at<float>(row));
    if (column_->kind != Kind::decimal) return static_cast<double>(wide(row));
    std::string digits;
    append_decimal(digits, wide(row), column_->scale);
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::string_view Cells::text(std::size_t row) const {
    if (words_) return (*words_)[static_cast<std::size_t>(wide(row))];
    const auto* strings = static_cast<const duckdb_string_t*>(data_);
    const duckdb_string_t& string = strings[row];
    if (string.value.inlined.length <= sizeof(string.value.inlined.inlined)) {
        return {string.value.inlined.inlined, string.value.inlined.length};
    }
    return {string.value.pointer.ptr, string.value.pointer.length};
}

void Cells::append_text(std::string& out, std::size_t row) const {
    switch (column_->kind) {
        case Kind::boolean: out += boolean(row) ? "true" : "false"; break;
        case Kind::integer:
        case Kind::huge: append_wide(out, wide(row)); break;
        case Kind::real:
            if (storage_ == DUCKDB_TYPE_FLOAT) {
                fmt::format_to(std::back_inserter(out), "{}", at<float>(row));
            } else {
                append_double(out, at<double>(row));
            }
            break;
        case Kind::decimal: append_decimal(out, wide(row), column_->scale); break;
        case Kind::text:
        case Kind::json: out += text(row); break;
        case Kind::timestamp:
        case Kind::timestamp_tz: append_rfc3339(out, time_from_micros(integer(row))); break;
        case Kind::date: append_date(out, integer(row)); break;
        case Kind::other: assert(false && "cast to VARCHAR by the statement"); break;
    }
}

// --- Chunk

Chunk::Chunk(duckdb_data_chunk chunk, std::shared_ptr<const std::vector<Column>> columns)
    : chunk_(chunk), columns_(std::move(columns)) {
}

Cells Chunk::column(std::size_t i) const {
    return {duckdb_data_chunk_get_vector(chunk_.get(), i), (*columns_)[i]};
}

// --- Rows

Rows::Rows(duckdb_result result, std::shared_ptr<Watch> watch)
    : result_(result), open_(true), watch_(std::move(watch)) {
    auto columns = std::make_shared<std::vector<Column>>();
    for (idx_t i = 0; i < duckdb_column_count(&result_); ++i) {
        duckdb_logical_type type = duckdb_column_logical_type(&result_, i);
        columns->push_back(make_column(duckdb_column_name(&result_, i), type));
        duckdb_destroy_logical_type(&type);
    }
    columns_ = std::move(columns);
}

Rows::Rows(Rows&& other) noexcept
    : result_(other.result_),
      open_(std::exchange(other.open_, false)),
      columns_(std::move(other.columns_)),
      watch_(std::move(other.watch_)) {
}

Rows& Rows::operator=(Rows&& other) noexcept {
    if (this == &other) return *this;
    close();
    result_ = other.result_;
    open_ = std::exchange(other.open_, false);
    columns_ = std::move(other.columns_);
    watch_ = std::move(other.watch_);
    return *this;
}

Rows::~Rows() {
    close();
}

void Rows::close() {
    if (std::exchange(open_, false)) duckdb_destroy_result(&result_);
    watch_.reset();
}

StoreExpected<std::optional<Chunk>> Rows::next() {
    while (true) {
        duckdb_data_chunk chunk = duckdb_fetch_chunk(result_);
        if (chunk == nullptr) {
            const char* message = duckdb_result_error(&result_);
            if (message == nullptr || *message == 0) return std::nullopt;
            StoreError error = make_error(duckdb_result_error_type(&result_), message);
            return failure(watch_ ? watch_->explain(std::move(error)) : std::move(error));
        }
        Chunk found(chunk, columns_);
        if (found.rows() > 0) return std::optional<Chunk>(std::move(found));
    }
}

StoreExpected<std::optional<std::int64_t>> Rows::one_integer() {
    std::optional<std::int64_t> value;
    bool first = true;
    while (true) {
        StoreExpected<std::optional<Chunk>> chunk = next();
        if (!chunk) return failure(chunk.error());
        if (!*chunk) return value;
        if (std::exchange(first, false)) {
            const Cells cells = (*chunk)->column(0);
            if (!cells.is_null(0)) value = cells.integer(0);
        }
    }
}

StoreExpected<std::int64_t> Rows::finish() {
    if (duckdb_result_return_type(result_) == DUCKDB_RESULT_TYPE_CHANGED_ROWS) {
        StoreExpected<std::optional<std::int64_t>> changed = one_integer();
        if (!changed) return failure(changed.error());
        return changed->value_or(0);
    }
    while (true) {
        StoreExpected<std::optional<Chunk>> chunk = next();
        if (!chunk) return failure(chunk.error());
        if (!*chunk) return 0;
    }
}

}  // namespace atlas::analytics::duckdb
