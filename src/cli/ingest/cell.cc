// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/cell.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace atlas::cli {
namespace {

using Kind = CellForm::Kind;

constexpr std::string_view kMinus = "\xE2\x88\x92";          // U+2212
constexpr std::string_view kNoBreak = "\xC2\xA0";            // U+00A0
constexpr std::string_view kNarrowNoBreak = "\xE2\x80\xAF";  // U+202F

// As pandas, R, SQL, C and spreadsheets write them, the latter in English and German.
constexpr std::string_view kUsualWords[] = {
    "NA",     "N/A",      "n/a",     "NaN",    "nan",     "NAN",     "-nan",   "-NaN",  "null",
    "NULL",   "Null",     "None",    "<NA>",   "\\N",     "-",       "--",     "#N/A",  "#NA",
    "#NV",    "#DIV/0!",  "#VALUE!", "#WERT!", "#REF!",   "#BEZUG!", "#NAME?", "#NUM!", "#ZAHL!",
    "#NULL!", "#N/A N/A", "1.#QNAN", "1.#IND", "-1.#IND", "-1.#QNAN"};

constexpr std::string_view kTrue[] = {"true", "t",    "yes", "y",    "on",  "1",
                                      "1.0",  "wahr", "ja",  "vrai", "oui", "verdadero"};
constexpr std::string_view kFalse[] = {"false", "f",      "no",   "n",    "off", "0",
                                       "0.0",   "falsch", "nein", "faux", "non", "falso"};
// Those that make a new attribute a bool.
constexpr std::string_view kPlainTruth[] = {"true",   "True",  "TRUE",      "WAHR",
                                            "VRAI",   "false", "False",     "FALSE",
                                            "FALSCH", "FAUX",  "VERDADERO", "FALSO"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

template <class List>
bool contains(const List& list, std::string_view word) {
    return std::ranges::find(list, word) != std::ranges::end(list);
}

std::size_t count_digits(std::string_view text) {
    const auto end = std::ranges::find_if_not(text, is_digit);
    return static_cast<std::size_t>(end - text.begin());
}

// A number in its parts, as it was written.
struct Number {
    bool negative = false;
    std::string whole;  // without separators
    std::string_view fraction;
    std::string_view exponent;  // with its sign
    bool has_point = false;
    std::size_t groups = 0;  // of thousands
    char separator = '\0';   // between them; the first byte of those that have several

    bool is_integer() const { return !has_point && exponent.empty(); }
};

// What separates groups of three digits at the beginning of `rest`: its length, 0 when nothing.
std::size_t separator_length(std::string_view rest, const CellRules& rules) {
    if (rest.empty()) return 0;
    const char c = rest.front();
    if (rules.thousands != '\0') return c == rules.thousands ? 1 : 0;
    if (c == '\'' || c == (rules.decimal_comma ? '.' : ',')) return 1;
    if (!rules.decimal_comma) return 0;
    if (c == ' ') return 1;
    for (const std::string_view blank : {kNoBreak, kNarrowNoBreak}) {
        if (rest.starts_with(blank)) return blank.size();
    }
    return 0;
}

void take_sign(std::string_view& rest, Number& number) {
    number.negative = rest.starts_with('-') || rest.starts_with(kMinus);
    if (number.negative) {
        rest.remove_prefix(rest.front() == '-' ? 1 : kMinus.size());
    } else if (rest.starts_with('+')) {
        rest.remove_prefix(1);
    }
}

void take_whole(std::string_view& rest, const CellRules& rules, Number& number) {
    const std::size_t first = count_digits(rest);
    number.whole = rest.substr(0, first);
    rest.remove_prefix(first);
    if (first == 0 || first > 3) return;
    for (;;) {
        const std::size_t length = separator_length(rest, rules);
        if (length == 0 || count_digits(rest.substr(length)) != 3) return;
        if (number.groups > 0 && rest.front() != number.separator) return;
        number.separator = rest.front();
        ++number.groups;
        number.whole += rest.substr(length, 3);
        rest.remove_prefix(length + 3);
    }
}

bool take_exponent(std::string_view& rest, Number& number) {
    if (rest.empty() || (rest.front() != 'e' && rest.front() != 'E')) return true;
    const bool sign = rest.size() > 1 && (rest[1] == '+' || rest[1] == '-');
    const std::size_t digits = count_digits(rest.substr(sign ? 2 : 1));
    if (digits == 0) return false;
    number.exponent = rest.substr(1, digits + (sign ? 1 : 0));
    rest.remove_prefix(1 + number.exponent.size());
    return true;
}

std::optional<Number> read_number(std::string_view cell, const CellRules& rules) {
    Number number;
    std::string_view rest = cell;
    take_sign(rest, number);
    take_whole(rest, rules, number);
    if (!rest.empty() && rest.front() == (rules.decimal_comma ? ',' : '.')) {
        number.has_point = true;
        rest.remove_prefix(1);
        number.fraction = rest.substr(0, count_digits(rest));
        rest.remove_prefix(number.fraction.size());
    }
    if (number.whole.empty() && number.fraction.empty()) return std::nullopt;
    if (!take_exponent(rest, number) || !rest.empty()) return std::nullopt;
    // 1,234 is one number to some and another to others.
    const bool unclear = number.separator == ',' && rules.thousands == '\0';
    if (unclear && number.groups == 1 && !number.has_point) return std::nullopt;
    return number;
}

void append_json(const Number& number, std::string& out) {
    if (number.negative) out += '-';
    const std::size_t zeros = std::min(number.whole.find_first_not_of('0'), number.whole.size());
    const std::string_view whole = std::string_view(number.whole).substr(zeros);
    out += whole.empty() ? std::string_view("0") : whole;
    if (number.has_point) {
        out += '.';
        out += number.fraction.empty() ? std::string_view("0") : number.fraction;
    }
    if (!number.exponent.empty()) (out += 'e') += number.exponent;
}

bool is_infinite(std::string_view cell) {
    if (cell.starts_with('+') || cell.starts_with('-')) cell.remove_prefix(1);
    if (cell.size() < 3 || cell.size() > 8) return false;
    const std::string word = lower(cell);
    return word == "inf" || word == "infinity" || word == "1.#inf";
}

Kind kind_of(const Number& number) {
    if (!number.is_integer()) return Kind::fraction;
    if (number.whole.size() > 1 && number.whole.front() == '0') return Kind::code;
    std::string digits;
    append_json(number, digits);
    std::int64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec == std::errc{} ? Kind::integer : Kind::wide;
}

}  // namespace

std::string_view to_string(CellType type) {
    switch (type) {
        case CellType::integer: return "int";
        case CellType::number: return "double";
        case CellType::boolean: return "bool";
        case CellType::text: return "string";
        case CellType::json: return "json";
        case CellType::timestamp: return "timestamp";
        case CellType::undecided: break;
    }
    return {};
}

std::optional<CellType> parse_cell_type(std::string_view type) {
    if (type == "decimal") return CellType::number;
    for (const CellType known : {CellType::integer, CellType::number, CellType::boolean,
                                 CellType::text, CellType::json, CellType::timestamp}) {
        if (type == to_string(known)) return known;
    }
    return std::nullopt;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

std::string_view trim_cell(std::string_view cell) {
    const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
    if (!cell.empty() && is_plain(cell.front()) && is_plain(cell.back())) return cell;
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    for (;;) {
        if (!cell.empty() && is_blank(cell.front())) {
            cell.remove_prefix(1);
        } else if (cell.starts_with(kNoBreak)) {
            cell.remove_prefix(kNoBreak.size());
        } else if (!cell.empty() && is_blank(cell.back())) {
            cell.remove_suffix(1);
        } else if (cell.ends_with(kNoBreak)) {
            cell.remove_suffix(kNoBreak.size());
        } else {
            return cell;
        }
    }
}

JsonNumber json_number(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto digits = [&] {
        const char* const begin = at;
        while (at != end && is_digit(*at)) ++at;
        return at - begin;
    };
    if (at != end && *at == '-') ++at;
    const char* const first = at;
    const auto whole = digits();
    if (whole == 0 || (whole > 1 && *first == '0')) return JsonNumber::none;
    if (at == end) return JsonNumber::integer;
    if (*at == '.') {
        ++at;
        if (digits() == 0) return JsonNumber::none;
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at != end && (*at == '+' || *at == '-')) ++at;
        if (digits() == 0) return JsonNumber::none;
    }
    return at == end ? JsonNumber::fraction : JsonNumber::none;
}

CellGrammar::CellGrammar(CellRules rules) : rules_(std::move(rules)) {
    if (rules_.no_value.empty()) {
        words_.assign(std::begin(kUsualWords), std::end(kUsualWords));
    } else {
        words_.assign(rules_.no_value.begin(), rules_.no_value.end());
    }
    for (const std::string_view word : words_) {
        if (!word.empty()) begins_word_[static_cast<unsigned char>(word.front())] = true;
    }
}

bool CellGrammar::is_listed(std::string_view cell) const {
    return begins_word_[static_cast<unsigned char>(cell.front())] && contains(words_, cell);
}

bool CellGrammar::is_no_value(std::string_view cell, bool quoted, CellType type) const {
    const std::string_view text = trim_cell(cell);
    if (text.empty()) return true;
    if (quoted && type == CellType::text && rules_.no_value.empty()) return false;
    return is_listed(text);
}

JsonNumber CellGrammar::append_number(std::string_view cell, std::string& out) const {
    const JsonNumber plain = json_number(cell);
    const bool other = rules_.decimal_comma && cell.find('.') != std::string_view::npos;
    if (plain != JsonNumber::none && !other) {
        out += cell;
        return plain;
    }
    const auto number = read_number(trim_cell(cell), rules_);
    if (!number) return JsonNumber::none;
    append_json(*number, out);
    return number->is_integer() ? JsonNumber::integer : JsonNumber::fraction;
}

std::optional<bool> CellGrammar::truth(std::string_view cell) const {
    if (cell == kTrue[0]) return true;
    if (cell == kFalse[0]) return false;
    const std::string word = lower(trim_cell(cell));
    if (contains(kTrue, word)) return true;
    if (contains(kFalse, word)) return false;
    return std::nullopt;
}

CellForm CellGrammar::form(std::string_view cell) const {
    const std::string_view text = trim_cell(cell);
    if (text.empty() || is_listed(text)) return {Kind::no_value};
    if (!rules_.decimal_comma) {  // the usual spelling, without a copy
        constexpr std::size_t kMaxIntDigits = 18;
        const JsonNumber plain = json_number(text);
        if (plain == JsonNumber::fraction) return {Kind::fraction};
        if (plain == JsonNumber::integer && text.size() <= kMaxIntDigits) return {Kind::integer};
    }
    if (text == "t" || text == "f") return {Kind::letter, text == "t"};
    if (contains(kPlainTruth, text)) return {Kind::boolean};
    if (const auto number = read_number(text, rules_)) return {kind_of(*number)};
    if (is_infinite(text)) return {Kind::fraction};
    CellRules other;
    other.decimal_comma = !rules_.decimal_comma;
    return {read_number(text, other) ? Kind::comma : Kind::text};
}

}  // namespace atlas::cli
