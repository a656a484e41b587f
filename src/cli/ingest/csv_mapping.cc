// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/csv_mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "cli/ingest/time_column.h"
#include "ingest/parse/number.h"

namespace atlas::cli {
namespace {

// What precedes a value: comma, name, colon.
std::string key_of(std::string_view name) {
    std::string key = ",";
    append_json_string(key, name);
    return key + ":";
}

bool takes_text(std::string_view type) {
    return type == "string" || type == "decimal" || type == "timestamp";
}

}  // namespace

CsvMapping::CsvMapping(const Header& header, const CsvOptions& options, KnownTypes known)
    : grammar_(options.cells),
      own_words_(!options.cells.no_value.empty()),
      decimal_comma_(options.cells.decimal_comma),
      semicolons_(options.delimiter == ';'),
      known_(std::move(known)),
      asked_(options.types),
      times_(time_columns(header, options.time)),
      fixed_entity_(options.entity_value),
      columns_(header.size()) {
    const auto column = [&](const std::string& asked, std::string_view option,
                            std::initializer_list<const char*> usual) {
        if (!asked.empty()) return need_column(header, asked, option);
        for (const char* name : usual) {
            if (const auto found = find_column(header, name)) return *found;
        }
        return kNone;
    };
    if (fixed_entity_.empty()) {
        entity_ = column(options.entity, "--entity", {"entity", "entity_id", "id"});
        if (entity_ == kNone) {
            throw CommandError(fmt::format(
                "no column is named entity, entity_id or id: choose one with --entity, or give one "
                "entity for the whole file with --entity-value{}",
                delimiter_hint(header)));
        }
    }
    type_ = find_column(header, options.type.empty() ? "type" : options.type).value_or(kNone);
    if (type_ == kNone) fixed_type_ = options.type;
    if (options.name_column.empty() != options.value_column.empty()) {
        throw CommandError("--name-column and --value-column must be given together", 2);
    }
    name_ = column(options.name_column, "--name-column", {});
    value_ = column(options.value_column, "--value-column", {});
    add_attributes(header, options);
}

void CsvMapping::add_attributes(const Header& header, const CsvOptions& options) {
    std::vector<std::size_t> roles{entity_, type_, name_, value_};
    roles.insert(roles.end(), times_.begin(), times_.end());
    std::erase(roles, kNone);
    check_columns(header, options, roles);
    long_strings_ = value_ != kNone && is_listed(header, value_, options.strings);
    if (name_ != kNone && options.attributes.empty()) return;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const bool is_time = std::ranges::find(times_, i) != times_.end();
        const bool wanted = options.attributes.empty() ? i != entity_ && !is_time && i != type_
                                                       : is_listed(header, i, options.attributes);
        if (!wanted) continue;
        std::string name = attribute_of(header, i, options);
        if (name.empty()) {
            left_out_.push_back(i + 1);
        } else {
            std::string key = key_of(name);
            attributes_.push_back(
                {i, std::move(name), std::move(key), is_listed(header, i, options.strings)});
            expect(attributes_.back());
        }
    }
    check_names(header, options);
    for (const auto& [name, type] : asked_) {
        const bool found = std::ranges::any_of(
            attributes_, [&](const Attribute& attribute) { return attribute.name == name; });
        if (found || name_ != kNone) continue;
        throw CommandError(fmt::format(
            "--attribute-type names \"{}\", and no column becomes an attribute of that name",
            name));
    }
}

void CsvMapping::expect(Attribute& attribute) const {
    if (type_word(attribute) == to_string(CellType::boolean)) attribute.survey.expect_truth();
}

void CsvMapping::check_names(const Header& header, const CsvOptions& options) const {
    for (const auto& [name, to] : options.names) {
        const std::size_t column = need_column(header, name, "--map");
        const bool used = std::ranges::any_of(
            attributes_, [&](const Attribute& attribute) { return attribute.column == column; });
        if (used) continue;
        throw CommandError(
            fmt::format("--map names the column \"{}\", which becomes no attribute: it is the "
                        "entity, type or time, or --attributes does not list it",
                        name),
            2);
    }
}

CsvMapping::Attribute& CsvMapping::by_name(std::string_view name) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return found->second;
    Attribute attribute{value_, std::string(name), key_of(name), long_strings_};
    expect(attribute);
    decide(attribute);
    return by_name_.emplace(std::string(name), std::move(attribute)).first->second;
}

void CsvMapping::look(const std::vector<std::string_view>& cells, std::uint64_t line) {
    if (cells.size() != columns_) return;
    for (Attribute& attribute : attributes_) {
        const std::string_view cell = cells[attribute.column];
        attribute.survey.add(grammar_, cell, line);
    }
    if (name_ == kNone || cells[name_].empty()) return;
    by_name(cells[name_]).survey.add(grammar_, cells[value_], line);
}

void CsvMapping::decide() {
    for (Attribute& attribute : attributes_) decide(attribute);
    for (auto& [name, attribute] : by_name_) decide(attribute);
}

// False when the type leaves the reading open.
bool CsvMapping::decide_by(const std::string& type, Attribute& attribute, bool asked) const {
    const auto reading = parse_cell_type(type);
    if (!reading) return false;
    attribute.type = *reading;
    if (!attribute.is_string) return true;
    if (!takes_text(type)) {
        throw CommandError(fmt::format("--strings names \"{}\", and the attribute is {}{}",
                                       attribute.name, type,
                                       asked ? " by --attribute-type" : " already"));
    }
    attribute.type = CellType::text;
    return true;
}

void CsvMapping::decide(Attribute& attribute) const {
    const auto asked = asked_.find(attribute.name);
    const auto known = known_.find(attribute.name);
    if (asked != asked_.end()) {
        if (known != known_.end() && known->second != asked->second) {
            throw CommandError(fmt::format(
                "the attribute \"{}\" is {} already, so it cannot become {}; retype it, or give "
                "the column another name with --map",
                attribute.name, known->second, asked->second));
        }
        decide_by(asked->second, attribute, true);
        attribute.as_double = asked->second == "double";
        return;
    }
    if (known != known_.end() && decide_by(known->second, attribute, false)) return;
    if (attribute.is_string) {
        attribute.type = CellType::text;
        return;
    }
    if (attribute.survey.is_unclear()) {
        const std::string& cell = attribute.survey.first_comma();
        throw CommandError(
            decimal_comma_
                ? fmt::format(
                      "\"{}\" holds numbers such as {}, and --decimal-comma expects a comma "
                      "before the fraction: leave that out, or keep texts with --strings",
                      attribute.name, cell)
            : cell.find(',') == std::string::npos
                ? fmt::format("\"{}\" holds numbers such as {}: give --decimal-comma if the points "
                              "separate thousands, or keep texts with --strings",
                              attribute.name, cell)
                : fmt::format("\"{}\" holds numbers such as {}: give --decimal-comma if the comma "
                              "begins the fraction, --thousands , if it separates thousands, or "
                              "keep texts with --strings",
                              attribute.name, cell));
    }
    attribute.type = attribute.survey.decide();
    attribute.as_double = attribute.type == CellType::number;
}

// Appends the key and the value; nothing when the cell cannot be read.
bool CsvMapping::write_cell(std::string& out, const Attribute& attribute, std::string_view cell,
                            bool quoted) {
    const std::size_t begin = out.size();
    out.append(attribute.key, written_ == 0 ? 1 : 0);
    const bool written = write_value(out, attribute, cell, quoted);
    if (!written) out.resize(begin);
    return written;
}

bool CsvMapping::write_value(std::string& out, const Attribute& attribute, std::string_view cell,
                             bool quoted) {
    switch (attribute.type) {
        case CellType::integer:
        case CellType::number: return write_number(out, attribute, cell, quoted);
        case CellType::boolean:
            if (const auto truth = grammar_.truth(cell)) {
                out += *truth ? "true" : "false";
                return true;
            }
            return false;
        case CellType::json: {
            boost::system::error_code error;
            const auto value = boost::json::parse(cell, error);
            if (error || !(value.is_object() || value.is_array())) return false;
            // As it was written, but on one line: line ends in it are blanks.
            const std::size_t begin = out.size();
            out += cell;
            std::replace_if(
                out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                [](char c) { return c == '\n' || c == '\r'; }, ' ');
            return true;
        }
        case CellType::text:
        case CellType::timestamp:
            if (grammar_.is_no_value(cell, quoted, attribute.type)) return false;
            append_json_string(out, cell);
            return true;
        case CellType::undecided: break;
    }
    return false;
}

bool CsvMapping::write_number(std::string& out, const Attribute& attribute, std::string_view cell,
                              bool quoted) {
    // An integer of 16 digits or more may be none that a double holds: it is sent as it is, and
    // kept so up to 64 bits. One that a double holds is a double, whichever request comes first.
    constexpr std::size_t kMaxExactDigits = 15;
    if (own_words_ && grammar_.is_no_value(cell, quoted, attribute.type)) return false;
    const std::size_t begin = out.size();
    const JsonNumber number = grammar_.append_number(cell, out);
    if (attribute.as_double && number == JsonNumber::integer &&
        (cell.size() <= kMaxExactDigits ||
         ingest::read_double_of_integer(std::string_view(out).substr(begin)))) {
        out += ".0";
    }
    return number != JsonNumber::none;
}

void CsvMapping::add_cell(std::string& out, Attribute& attribute, std::string_view cell,
                          bool quoted) {
    if (cell.empty()) return;
    if (attribute.type == CellType::undecided) {
        TypeSurvey survey;
        survey.add(grammar_, cell, 1);
        if (survey.is_unclear()) return refuse(attribute, cell);
        attribute.type = survey.decide();
        attribute.as_double = attribute.type == CellType::number;
    }
    if (write_cell(out, attribute, cell, quoted)) {
        ++written_;
    } else if (!grammar_.is_no_value(cell, quoted, attribute.type)) {
        refuse(attribute, cell);
    }
}

void CsvMapping::refuse(const Attribute& attribute, std::string_view cell) {
    constexpr std::size_t kShownBytes = 40;
    const std::string_view type = to_string(attribute.type);
    faults_.push_back(
        {attribute.name,
         fmt::format("\"{}\" is no {} value; --null gives words for no value, --decimal-comma and "
                     "--thousands the spelling of numbers, --strings keeps texts",
                     cell.substr(0, kShownBytes), type.empty() ? "clear" : type)});
}

bool CsvMapping::has_no_time(const std::vector<std::string_view>& cells) const {
    return std::ranges::any_of(times_, [&](std::size_t column) {
        return grammar_.form(cells[column]).kind == CellForm::Kind::no_value;
    });
}

std::string_view CsvMapping::entity_of(const std::vector<std::string_view>& cells) const {
    return entity_ == kNone ? std::string_view(fixed_entity_) : cells[entity_];
}

const char* CsvMapping::append(const std::vector<std::string_view>& cells, Time at,
                               std::string& out, const ingest::CsvReader* quotes) {
    faults_.clear();
    written_ = 0;
    if (cells.size() != columns_) return "the record has more or fewer cells than the header";
    const auto is_quoted = [&](std::size_t cell) {
        return quotes != nullptr && quotes->is_quoted(cell);
    };
    out += R"({"entity":)";
    append_json_string(out, entity_of(cells));
    const std::string_view type = type_ == kNone ? std::string_view(fixed_type_) : cells[type_];
    if (!type.empty()) {
        out += R"(,"type":)";
        append_json_string(out, type);
    }
    out += R"(,"at":")";
    append_rfc3339(out, at);
    out += R"(","attributes":{)";
    for (Attribute& attribute : attributes_) {
        add_cell(out, attribute, cells[attribute.column], is_quoted(attribute.column));
    }
    if (name_ != kNone && !cells[name_].empty()) {
        add_cell(out, by_name(cells[name_]), cells[value_], is_quoted(value_));
    }
    out += "}}\n";
    return nullptr;
}

std::string_view CsvMapping::type_word(const Attribute& attribute) const {
    for (const auto* types : {&known_, &asked_}) {
        if (const auto found = types->find(attribute.name); found != types->end()) {
            return found->second;
        }
    }
    return to_string(attribute.type);
}

std::vector<std::size_t> CsvMapping::owners() const {
    std::vector<std::size_t> columns{entity_, name_};
    std::erase(columns, kNone);
    return columns;
}

std::string CsvMapping::describe(const Header& header, std::string_view time) const {
    constexpr std::size_t kShown = 12;
    std::string out =
        entity_ == kNone ? "entity " + fixed_entity_ : "entity from " + header[entity_];
    out += type_ != kNone ? ", type from " + header[type_] : "";
    out += fmt::format(", {}, attributes", time);
    std::size_t shown = 0;
    const auto show = [&](const Attribute& attribute) {
        if (++shown > kShown) return;
        const std::string_view type = type_word(attribute);
        out += fmt::format("{} {} {}", shown == 1 ? "" : ",", attribute.name,
                           type.empty() ? "without values" : type);
    };
    for (const Attribute& attribute : attributes_) show(attribute);
    for (const auto& [name, attribute] : by_name_) show(attribute);
    if (shown > kShown) out += fmt::format(" and {} more (--dry-run shows all)", shown - kShown);
    if (name_ != kNone) out += " by " + header[name_] + " = " + header[value_];
    return out;
}

std::vector<std::string> CsvMapping::table(const Header& header) const {
    std::vector<std::string> out;
    const auto add = [&](const Attribute& attribute) {
        const auto& survey = attribute.survey;
        const bool asked = asked_.contains(attribute.name);
        const bool is_known = known_.contains(attribute.name);
        const std::string_view type = type_word(attribute);
        out.push_back(fmt::format(
            "  {}: {} ({}), {} values{}, {} without", attribute.name,
            type.empty() ? "no type yet" : type,
            asked      ? "as asked"
            : is_known ? "as it is already"
                       : "by its cells",
            survey.values(),
            survey.values() > 0 ? fmt::format(" such as {}", survey.first()) : std::string(),
            survey.no_values()));
    };
    for (const Attribute& attribute : attributes_) add(attribute);
    for (const auto& [name, attribute] : by_name_) add(attribute);
    for (auto& note : notes(header)) out.push_back("  " + note);
    return out;
}

std::vector<std::string> CsvMapping::notes(const Header& header) const {
    std::vector<std::string> out;
    if (left_out_.size() == 1) {
        out.push_back(fmt::format("column {} of {} has no name and is left out; --columns names it",
                                  left_out_.front(), header.size()));
    } else if (!left_out_.empty()) {
        out.push_back(
            fmt::format("columns {} of {} have no names and are left out; --columns names them",
                        fmt::join(left_out_, ", "), header.size()));
    }
    const auto add = [&](const Attribute& attribute) {
        if (auto note = note_on(attribute); !note.empty()) out.push_back(std::move(note));
    };
    for (const Attribute& attribute : attributes_) add(attribute);
    for (const auto& [name, attribute] : by_name_) add(attribute);
    return out;
}

std::string CsvMapping::note_on(const Attribute& attribute) const {
    const TypeSurvey& survey = attribute.survey;
    if (const auto odd = survey.odd(attribute.type); odd.count > 0) {
        return fmt::format(
            "{}: {} of the first {} values do not read as {} and will be rejected, the first in "
            "line {}: {}",
            attribute.name, odd.count, survey.values(), to_string(attribute.type), odd.line,
            odd.first);
    }
    const bool is_free = !asked_.contains(attribute.name) && !known_.contains(attribute.name);
    if (attribute.type == CellType::text && is_free && !attribute.is_string &&
        survey.is_mostly_numbers()) {
        const auto odd = survey.odd(CellType::number);
        return fmt::format(
            "{0}: becomes a string because {1} of the first {2} values are no numbers, the first "
            "in line {3}: {4}; --attribute-type {0}=double rejects those instead",
            attribute.name, odd.count, survey.values(), odd.line, odd.first);
    }
    if (const std::string point = survey.points_before_three();
        attribute.type == CellType::number && semicolons_ && !decimal_comma_ && !point.empty()) {
        return fmt::format(
            "{}: the point in numbers such as {} begins a fraction; --decimal-comma reads it as "
            "one between thousands",
            attribute.name, point);
    }
    return {};
}

std::vector<std::pair<std::size_t, std::string>> CsvMapping::attributes() const {
    std::vector<std::pair<std::size_t, std::string>> out;
    out.reserve(attributes_.size());
    for (const Attribute& attribute : attributes_) {
        out.emplace_back(attribute.column, attribute.name);
    }
    return out;
}

}  // namespace atlas::cli
