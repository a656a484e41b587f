// SPDX-License-Identifier: Apache-2.0
//
// Reads the tokens of the filter language. What a run of characters means depends on its place
// ("5g" is a name before an operator and no number after it), so the parser names the kind of token
// it expects and the lexer says whether it is there.
//
//     text → [FilterLexer] → parse_filter, parse_order, parse_names
//
// Lifetime   borrows the text.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "query/filter.h"

namespace atlas::query {

class FilterLexer {
public:
    explicit FilterLexer(std::string_view text) : text_(text) {}

    void skip_blanks();
    bool at_end() const { return at_ == text_.size(); }
    // Takes `symbol` (punctuation) when it is next.
    bool take(std::string_view symbol);
    // Takes the word when it is next as a whole.
    bool take_word(std::string_view word);
    bool looking_at(char c) const { return !at_end() && text_[at_] == c; }
    // Whether a name or a word begins here.
    bool at_name() const;

    // A bare or backquoted name; nullopt: none here, or a backquote that is not closed.
    std::optional<std::string> name(bool& quoted);
    // A value; nullopt when there is none: `expected` says what would be valid at the position.
    std::optional<Literal> literal(std::string& expected);

    // In characters, not bytes, from 0.
    std::uint32_t position() const { return position_of(at_); }
    // What is next, shortened, for messages.
    std::string here() const;

private:
    std::string_view bare_word() const;
    std::uint32_t position_of(std::size_t at) const;
    std::optional<Literal> quoted_text(char quote, std::string& expected);
    bool escape(std::string& out, std::string& expected);
    bool unicode_escape(std::string& out);
    std::optional<std::uint32_t> hex4();
    std::optional<Literal> number(std::string& expected);

    std::string_view text_;
    std::size_t at_ = 0;
};

// Letters, digits, "_", ".", "-" and every byte of a non-ASCII character.
bool is_name_byte(char c);

bool valid_utf8(std::string_view text);

}  // namespace atlas::query
