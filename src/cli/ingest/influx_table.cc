// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/influx_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "base/time.h"

namespace atlas::cli {
namespace {

constexpr std::string_view kDatatype = "#datatype";
constexpr std::string_view kGroup = "#group";
constexpr std::string_view kDefault = "#default";

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) out += '\\';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
}

// Nanoseconds since the epoch; nullopt also for a time that 64 bits of them do not reach.
std::optional<std::int64_t> read_time(std::string_view text) {
    std::int64_t number = 0;
    const auto whole = std::from_chars(text.data(), text.data() + text.size(), number);
    if (whole.ec == std::errc{} && whole.ptr == text.data() + text.size()) return number;
    const auto time = parse_rfc3339(text);
    if (!time || __builtin_mul_overflow(to_micros(*time), std::int64_t{1000}, &number)) {
        return std::nullopt;
    }
    return number;
}

void append_value(std::string& out, std::string_view value, std::string_view type) {
    if (type == "double" || type == "boolean") {
        out += value;
    } else if (type == "long" || type == "unsignedLong") {
        out += value;
        out += type == "long" ? 'i' : 'u';
    } else {
        out += '"';
        for (const char c : value) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
}

}  // namespace

bool InfluxTable::begins(std::string_view text) {
    return std::ranges::any_of(std::initializer_list{kDatatype, kGroup, kDefault},
                               [&](std::string_view word) { return text.starts_with(word); });
}

bool InfluxTable::read_head(const Cells& row) {
    const std::string_view first = row.empty() ? std::string_view() : row.front();
    const bool annotation = first == kDatatype || first == kGroup || first == kDefault;
    if (!annotation) {
        if (!ended_ && !annotating_) return false;
        take_header(row);
        return true;
    }
    if (!annotating_) columns_.clear();
    annotating_ = true;
    columns_.resize(std::max(columns_.size(), row.size()));
    for (std::size_t i = 1; i < row.size(); ++i) {
        if (first == kDatatype) columns_[i].type = row[i];
        if (first == kGroup) columns_[i].grouped = row[i] == "true";
        if (first == kDefault) columns_[i].otherwise = row[i];
    }
    return true;
}

void InfluxTable::take_header(const Cells& row) {
    columns_.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) columns_[i].name = row[i];
    const bool has_fields = std::ranges::find(row, "_field") != row.end();
    for (Column& column : columns_) column.role = role_of(column, has_fields);
    annotating_ = false;
    ended_ = false;
}

InfluxTable::Role InfluxTable::role_of(const Column& column, bool has_fields) {
    const std::string& name = column.name;
    if (name == "_measurement") return Role::measurement;
    if (name == "_time") return Role::time;
    if (name == "_field") return Role::field_name;
    if (name == "_value") return has_fields ? Role::value : Role::field;
    if (name.empty() || name == "result" || name == "table" || name == "_start" ||
        name == "_stop") {
        return Role::none;
    }
    return has_fields || column.grouped ? Role::tag : Role::field;
}

std::string_view InfluxTable::cell(const Cells& row, std::size_t column) const {
    return row[column].empty() ? std::string_view(columns_[column].otherwise) : row[column];
}

const char* InfluxTable::append_fields(const Cells& row, std::string& out,
                                       std::uint64_t& fields) const {
    std::string_view name = "value";
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (columns_[i].role == Role::field_name) name = cell(row, i);
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
        const bool named = columns_[i].role == Role::field;
        if ((!named && columns_[i].role != Role::value) || cell(row, i).empty()) continue;
        out += fields++ == 0 ? ' ' : ',';
        std::string_view field = name;
        if (named && columns_[i].name != "_value") field = columns_[i].name;
        append_escaped(out, field, ", =");
        out += '=';
        append_value(out, cell(row, i), columns_[i].type);
    }
    return fields == 0 ? "the row has no value" : nullptr;
}

const char* InfluxTable::append(const Cells& row, std::string& out, std::uint64_t& fields) const {
    if (row.size() != columns_.size()) return "the row has more or fewer cells than the header";
    const std::size_t begin = out.size();
    std::string_view measurement;
    std::string_view time;
    std::map<std::string_view, std::string_view> tags;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (columns_[i].role == Role::measurement) measurement = cell(row, i);
        if (columns_[i].role == Role::time) time = cell(row, i);
        if (columns_[i].role == Role::tag && !cell(row, i).empty()) {
            tags[columns_[i].name] = cell(row, i);
        }
    }
    if (measurement.empty()) return "the row has no _measurement";
    if (measurement.starts_with('#')) {
        return "a _measurement that begins with # would be a comment in line protocol";
    }
    const auto at = read_time(time);
    if (!at)
        return "the row has no _time in RFC 3339, of the years 1678 to 2261, or in nanoseconds";
    append_escaped(out, measurement, ", ");
    for (const auto& [name, value] : tags) {
        out += ',';
        append_escaped(out, name, ", =");
        out += '=';
        append_escaped(out, value, ", =");
    }
    if (const char* fault = append_fields(row, out, fields)) {
        out.resize(begin);
        return fault;
    }
    out += fmt::format(" {}\n", *at);
    return nullptr;
}

}  // namespace atlas::cli
