// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/csv_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>

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

std::optional<Time> from_number(std::string_view text, const std::string& format) {
    double fraction = 0;
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto whole = std::from_chars(text.data(), end, number);
    if (whole.ec != std::errc{}) return std::nullopt;
    if (whole.ptr != end) {
        // Seconds may have a fraction; the others are integers.
        const auto part = std::from_chars(whole.ptr, end, fraction);
        const bool seconds = format == "unix" || format == "auto";
        if (!seconds || *whole.ptr != '.' || part.ptr != end) return std::nullopt;
    }
    std::string unit = format;
    if (unit == "auto") {
        const auto size = number < 0 ? -number : number;
        unit = size < 100'000'000'000           ? "unix"
               : size < 100'000'000'000'000     ? "unix_ms"
               : size < 100'000'000'000'000'000 ? "unix_us"
                                                : "unix_ns";
    }
    if (unit == "unix_ns") return time_from_micros(number / 1000);
    std::int64_t micros = 0;
    const std::int64_t scale = unit == "unix" ? 1'000'000 : unit == "unix_ms" ? 1000 : 1;
    if (__builtin_mul_overflow(number, scale, &micros)) return std::nullopt;
    return time_from_micros(micros + std::llround(fraction * 1e6));
}

std::optional<Time> by_pattern(std::string_view text, const std::string& pattern) {
    std::tm parts{};
    const std::string copy(text);
    const char* const rest = ::strptime(copy.c_str(), pattern.c_str(), &parts);
    if (rest == nullptr || *rest != '\0') return std::nullopt;
    return time_from_micros(static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000);
}

}  // namespace

std::optional<Time> parse_csv_time(std::string_view text, const std::string& format) {
    if (format.find('%') != std::string::npos) return by_pattern(text, format);
    if (format != "auto" && format != "rfc3339") return from_number(text, format);
    if (const auto time = parse_rfc3339(text)) return time;
    if (format == "rfc3339") return std::nullopt;
    if (const auto time = from_number(text, format)) return time;
    return parse_rfc3339(std::string(text) + "Z");
}

std::size_t CsvMapping::find(const std::vector<std::string>& header, std::string_view name) const {
    const auto found = std::find(header.begin(), header.end(), name);
    return found == header.end() ? kNone : static_cast<std::size_t>(found - header.begin());
}

CsvMapping::CsvMapping(const std::vector<std::string>& header, const CsvOptions& options)
    : time_format_(options.time_format), columns_(header.size()) {
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
    time_ = column(options.time, {"at", "time", "timestamp", "observed_at"});
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
        const bool wanted = options.attributes.empty() ? i != entity_ && i != time_ && i != type_
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

std::string CsvMapping::describe(const std::vector<std::string>& header) const {
    std::string out = "entity from " + header[entity_];
    out += type_ != kNone ? ", type from " + header[type_] : "";
    out += time_ != kNone ? ", time from " + header[time_]
                          : ", time of ingestion (--time chooses a column)";
    out += ", attributes";
    for (const Attribute& attribute : attributes_) out += " " + attribute.name;
    if (name_ != kNone) out += " by " + header[name_] + " = " + header[value_];
    return out;
}

const char* CsvMapping::append(const std::vector<std::string_view>& cells, Time absent,
                               std::string& out) const {
    if (cells.size() != columns_) return "the record has more or fewer cells than the header";
    const std::size_t begin = out.size();
    JsonWriter json(out);
    json.begin_object().key("entity").value(cells[entity_]);
    if (type_ != kNone && !cells[type_].empty()) json.key("type").value(cells[type_]);
    if (!fixed_type_.empty()) json.key("type").value(fixed_type_);
    Time at = absent;
    if (time_ != kNone && !cells[time_].empty()) {
        const auto time = parse_csv_time(cells[time_], time_format_);
        if (!time) {
            out.resize(begin);
            return "the time does not parse; set --time-format";
        }
        at = *time;
    }
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
