// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/csv_mapping.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/ingest/time_column.h"

namespace atlas::cli {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A number as JSON spells it: no plus, no leading zeros, digits on both sides of the point.
bool is_json_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at - begin;
    };
    if (at < text.size() && text[at] == '-') ++at;
    const std::size_t first = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == text.size();
}

}  // namespace

std::size_t CsvMapping::find(const std::vector<std::string>& header, std::string_view name) const {
    const auto found = std::find(header.begin(), header.end(), name);
    return found == header.end() ? kNone : static_cast<std::size_t>(found - header.begin());
}

CsvMapping::CsvMapping(const std::vector<std::string>& header, const CsvOptions& options)
    : times_(time_columns(header, options.time)), columns_(header.size()) {
    const auto column = [&](const std::string& asked, std::initializer_list<const char*> usual) {
        if (!asked.empty()) {
            const std::size_t found = find(header, asked);
            if (found == kNone) {
                throw CommandError(fmt::format("the file has no column \"{}\"", asked));
            }
            return found;
        }
        for (const char* name : usual) {
            if (const std::size_t found = find(header, name); found != kNone) return found;
        }
        return kNone;
    };
    entity_ = column(options.entity, {"entity", "entity_id", "id"});
    if (entity_ == kNone) {
        throw CommandError("no column is named entity, entity_id or id; choose one with --entity");
    }
    type_ = find(header, options.type.empty() ? "type" : options.type);
    if (type_ == kNone) fixed_type_ = options.type;
    if (options.name_column.empty() != options.value_column.empty()) {
        throw CommandError("--name-column and --value-column must be given together", 2);
    }
    name_ = column(options.name_column, {});
    value_ = column(options.value_column, {});
    if (name_ != kNone && options.attributes.empty()) return;
    add_attributes(header, options);
}

void CsvMapping::add_attributes(const std::vector<std::string>& header, const CsvOptions& options) {
    const auto is_in = [](const std::vector<std::string>& list, const std::string& name) {
        return std::find(list.begin(), list.end(), name) != list.end();
    };
    for (const auto& name : options.attributes) {
        if (!is_in(header, name)) {
            throw CommandError(fmt::format("the file has no column \"{}\"", name));
        }
    }
    for (std::size_t i = 0; i < header.size(); ++i) {
        const bool is_time = std::ranges::find(times_, i) != times_.end();
        const bool wanted = options.attributes.empty() ? i != entity_ && !is_time && i != type_
                                                       : is_in(options.attributes, header[i]);
        if (!wanted) continue;
        const auto renamed = options.names.find(header[i]);
        attributes_.push_back({i, renamed == options.names.end() ? header[i] : renamed->second,
                               is_in(options.strings, header[i])});
    }
}

void CsvMapping::add_value(JsonWriter& json, std::string_view cell, bool is_string) {
    const bool bare = !is_string && (is_json_number(cell) || cell == "true" || cell == "false");
    if (bare) {
        json.raw(cell);
    } else {
        json.value(cell);
    }
}

std::string CsvMapping::describe(const std::vector<std::string>& header,
                                 std::string_view time) const {
    std::string out = "entity from " + header[entity_];
    out += type_ != kNone ? ", type from " + header[type_] : "";
    out += fmt::format(", {}, attributes", time);
    for (const Attribute& attribute : attributes_) out += " " + attribute.name;
    if (name_ != kNone) out += " by " + header[name_] + " = " + header[value_];
    return out;
}

std::vector<std::size_t> CsvMapping::owners() const {
    if (name_ == kNone) return {entity_};
    return {entity_, name_};
}

const char* CsvMapping::append(const std::vector<std::string_view>& cells, Time at,
                               std::string& out) const {
    if (cells.size() != columns_) return "the record has more or fewer cells than the header";
    JsonWriter json(out);
    json.begin_object().key("entity").value(cells[entity_]);
    if (type_ != kNone && !cells[type_].empty()) json.key("type").value(cells[type_]);
    if (!fixed_type_.empty()) json.key("type").value(fixed_type_);
    json.key("at").value(at).key("attributes").begin_object();
    for (const Attribute& attribute : attributes_) {
        const std::string_view cell = cells[attribute.column];
        if (cell.empty()) continue;
        json.key(attribute.name);
        add_value(json, cell, attribute.is_string);
    }
    if (name_ != kNone && !cells[name_].empty() && !cells[value_].empty()) {
        json.key(cells[name_]);
        add_value(json, cells[value_], false);
    }
    json.end_object().end_object();
    out += '\n';
    return nullptr;
}

}  // namespace atlas::cli
