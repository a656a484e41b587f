// SPDX-License-Identifier: Apache-2.0
#include "analytics/loader_dimensions.h"

#include <fmt/format.h>

#include "pg/binary_result.h"

namespace atlas::analytics {
namespace {

using stream::Cell;
using Kind = DimensionColumn::Kind;

std::optional<std::int64_t> integer_of(std::string_view bytes) {
    switch (bytes.size()) {
        case 2: return pg::read_int2(bytes);
        case 4: return pg::read_int4(bytes);
        case 8: return pg::read_int8(bytes);
        default: return std::nullopt;
    }
}

bool append_int_array(std::string& out, std::string_view bytes) {
    pg::ArrayReader array(bytes);
    out += '[';
    bool first = true;
    while (array.next()) {
        if (!first) out += ',';
        first = false;
        const auto value = array.null() ? std::nullopt : integer_of(array.text());
        if (value) {
            fmt::format_to(std::back_inserter(out), "{}", *value);
        } else {
            out += "null";
        }
    }
    out += ']';
    return array.good();
}

bool append_integer(std::string& out, std::string_view bytes) {
    const auto value = integer_of(bytes);
    if (value) fmt::format_to(std::back_inserter(out), "{}", *value);
    return value.has_value();
}

// False when the bytes are not what the column should have.
bool append_text(std::string& out, Kind kind, std::string_view bytes) {
    switch (kind) {
        case Kind::int64: return append_integer(out, bytes);
        case Kind::boolean: out = pg::read_bool(bytes) ? "true" : "false"; return bytes.size() == 1;
        case Kind::time:
            fmt::format_to(std::back_inserter(out), "{}", to_micros(pg::read_timestamptz(bytes)));
            return bytes.size() == 8;
        case Kind::int_array: return append_int_array(out, bytes);
        case Kind::json:
            // The first byte is the version of the format.
            if (bytes.empty() || bytes.front() != '\1') return false;
            out = bytes.substr(1);
            return true;
        case Kind::text: out = bytes; return true;
    }
    return false;
}

}  // namespace

bool LoaderDimensions::bind(const stream::Relation& relation) {
    const auto columns = dimension_columns(relation.table);
    if (columns.empty()) return false;
    table_ = relation.table;
    Places& table = tables_[static_cast<std::size_t>(table_)];
    if (table.width != 0 && table.oid == relation.oid && table.version == relation.version) {
        return true;
    }
    table = {.oid = relation.oid, .version = relation.version, .width = 0, .places = {}};
    for (const DimensionColumn& column : columns) {
        const auto place = relation.find(column.name);
        if (!place && column.key) return false;
        table.places.push_back(place.value_or(kNone));
    }
    table.width = relation.columns.size();
    return true;
}

std::optional<DimensionKey> LoaderDimensions::key(std::span<const Cell> row) const {
    if (table_ == stream::Table::other) return std::nullopt;
    const Places& table = tables_[static_cast<std::size_t>(table_)];
    const auto columns = dimension_columns(table_);
    if (table.width == 0 || row.size() != table.width) return std::nullopt;
    DimensionKey key{.table = table_};
    std::size_t part = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].key) continue;
        const Cell& cell = row[table.places[i]];
        const auto value = cell.kind == Cell::Kind::value ? integer_of(cell.bytes) : std::nullopt;
        if (!value) return std::nullopt;
        key.parts[part++] = *value;
    }
    return key;
}

LoaderDimensions::Outcome LoaderDimensions::read(std::span<const Cell> row,
                                                 DimensionRow& into) const {
    const Places& table = tables_[static_cast<std::size_t>(table_)];
    const auto columns = dimension_columns(table_);
    if (table.width == 0 || row.size() != table.width) return Outcome::damaged;
    into.table = table_;
    into.removed = false;
    into.cells.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto& text = into.cells[i];
        const Cell* const cell = table.places[i] == kNone ? nullptr : &row[table.places[i]];
        if (cell == nullptr || cell->kind == Cell::Kind::null) {
            text.reset();
            continue;
        }
        if (cell->kind == Cell::Kind::unchanged) return Outcome::unchanged;
        if (!text) text.emplace();
        text->clear();
        if (!append_text(*text, columns[i].kind, cell->bytes)) return Outcome::damaged;
    }
    return Outcome::read;
}

DimensionRow LoaderDimensions::removed(const DimensionKey& key) {
    const auto columns = dimension_columns(key.table);
    DimensionRow row{.table = key.table, .removed = true, .cells = {}};
    row.cells.resize(columns.size());
    std::size_t part = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].key) row.cells[i] = std::to_string(key.parts[part++]);
    }
    return row;
}

}  // namespace atlas::analytics
