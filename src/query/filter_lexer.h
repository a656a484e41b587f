// SPDX-License-Identifier: Apache-2.0
//
// The words of the filter language. What a run of characters means depends on where it stands
// ("5g" is a name before an operator and no number after it), so the parser asks for the kind of
// token it expects and the lexer says whether it is there.
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
    // Takes `symbol` (punctuation) when it stands here.
    bool take(std::string_view symbol);
    // Takes the word when it stands here as a whole.
    bool take_word(std::string_view word);
    bool looking_at(char c) const { return !at_end() && text_[at_] == c; }
    // Whether a name or a word begins here.
    bool at_name() const;

    // A bare or backquoted name. Empty optional: none here, or a backquote that is not closed.
    std::optional<std::string> name(bool& quoted);
    // A value; on failure `expected` says what is wrong, and the position stands on it.
    std::optional<Literal> literal(std::string& expected);

    // In characters, not bytes, from 0.
    std::uint32_t position() const { return position_of(at_); }
    // What stands here, shortened, for messages.
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
