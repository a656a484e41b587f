// SPDX-License-Identifier: Apache-2.0
//
// What the cells of a table mean, as people, spreadsheets, pandas, R and SQL write them: words for
// no value, numbers, booleans, texts.
//
//     CSV → cells → [CellGrammar] → JSON values
//
// Threading  immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::cli {

// What the cells of one attribute are read as.
enum class CellType : std::uint8_t {
    undecided,  // no cell had a value so far
    integer,    // an int, or a fraction: the server makes the attribute a double then
    number,     // a double or decimal
    boolean,
    text,
    json,       // an object or array
    timestamp,  // a text that the server reads as a time
};

// The word of the API for the type of an attribute that such cells make; empty: undecided.
std::string_view to_string(CellType type);
// The reading that fits an attribute of this type; nullopt for a word that is no type.
std::optional<CellType> parse_cell_type(std::string_view type);

enum class JsonNumber : std::uint8_t { none, integer, fraction };  // with a point or an exponent

struct CellRules {
    // In place of the usual words; these count in quotes and in texts, too.
    std::vector<std::string> no_value;
    bool decimal_comma = false;
    char thousands = '\0';  // between groups of three digits; '\0': the usual ones
};

// What a cell looks like, whatever its attribute.
struct CellForm {
    enum class Kind : std::uint8_t {
        no_value,
        integer,
        wide,      // an integer beyond 64 bits
        fraction,  // a number with a point or an exponent
        code,      // digits after a leading zero: a postcode, an article
        comma,     // a number only if comma and point change their parts, or a group ends it
        boolean,   // true and false, as programs write them
        letter,    // t or f
        text,
    };
    Kind kind = Kind::text;
    bool truth = false;  // of a letter
};

class CellGrammar {
public:
    explicit CellGrammar(CellRules rules);
    CellGrammar(const CellGrammar&) = delete;
    CellGrammar& operator=(const CellGrammar&) = delete;

    // Whether the cell has no value. In a text only a bare word says so, in quotes it is a text.
    bool is_no_value(std::string_view cell, bool quoted, CellType type) const;
    // Appends the number as JSON writes it, with all its digits, and tells what it is.
    JsonNumber append_number(std::string_view cell, std::string& out) const;
    // Of true, yes, on, 1, t, y and their opposites, in any case, and of the words of Excel in
    // German, French and Spanish.
    std::optional<bool> truth(std::string_view cell) const;
    // What the cell looks like; a word for no value is one, in quotes or not.
    CellForm form(std::string_view cell) const;

private:
    bool is_listed(std::string_view cell) const;

    CellRules rules_;
    std::vector<std::string_view> words_;  // for no value; those of the rules, or the usual ones
    std::array<bool, 256> begins_word_{};
};

// Without blanks at both ends, also those that do not break.
std::string_view trim_cell(std::string_view cell);
// The same in small letters, of ASCII.
std::string lower(std::string_view text);
// Whether the text is a number as JSON spells it: no plus, no leading zeros, digits on both sides
// of the point.
JsonNumber json_number(std::string_view text);

}  // namespace atlas::cli
