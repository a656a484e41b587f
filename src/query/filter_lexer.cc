// SPDX-License-Identifier: Apache-2.0
#include "query/filter_lexer.h"

#include <algorithm>

namespace atlas::query {
namespace {

constexpr std::size_t kMaxNumberLength = 400;
constexpr int kMaxExponentDigits = 3;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xC0 | code >> 6U);
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12U);
        put(0x80 | (code >> 6U & 0x3F));
    } else {
        put(0xF0 | code >> 18U);
        put(0x80 | (code >> 12U & 0x3F));
        put(0x80 | (code >> 6U & 0x3F));
    }
    put(0x80 | (code & 0x3F));
}

// The length of the JSON number at the beginning of `text`; 0 when there is none.
std::size_t number_length(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&text, &at] {
        const std::size_t begin = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at - begin;
    };
    if (at < text.size() && text[at] == '-') ++at;
    const bool zero = at < text.size() && text[at] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) return 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0) return 0;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        const std::size_t exponent = digits();
        if (exponent == 0 || exponent > kMaxExponentDigits) return 0;
    }
    return at;
}

}  // namespace

bool is_name_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_' || c == '.' || c == '-';
}

bool valid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        std::size_t more = 0;
        std::uint32_t code = lead;
        if (lead >= 0xF0 && lead < 0xF5) {
            more = 3;
            code = lead & 0x07U;
        } else if (lead >= 0xE0 && lead < 0xF0) {
            more = 2;
            code = lead & 0x0FU;
        } else if (lead >= 0xC2 && lead < 0xE0) {
            more = 1;
            code = lead & 0x1FU;
        } else if (lead >= 0x80) {
            return false;
        }
        if (more >= text.size() - i) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            if ((byte & 0xC0U) != 0x80) return false;
            code = code << 6U | (byte & 0x3FU);
        }
        const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
        if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
        i += more + 1;
    }
    return true;
}

void FilterLexer::skip_blanks() {
    while (!at_end() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) ++at_;
}

bool FilterLexer::take(std::string_view symbol) {
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
}

std::string_view FilterLexer::bare_word() const {
    std::size_t end = at_;
    while (end < text_.size() && is_name_byte(text_[end])) ++end;
    return text_.substr(at_, end - at_);
}

bool FilterLexer::take_word(std::string_view word) {
    if (bare_word() != word) return false;
    at_ += word.size();
    return true;
}

bool FilterLexer::at_name() const {
    return !at_end() && (text_[at_] == '`' || (is_name_byte(text_[at_]) && text_[at_] != '-'));
}

std::optional<std::string> FilterLexer::name(bool& quoted) {
    if (!at_name()) return std::nullopt;
    quoted = text_[at_] == '`';
    if (!quoted) {
        std::string word(bare_word());
        at_ += word.size();
        return word;
    }
    std::string name;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
        const bool tick = text_[i] == '`';
        if (tick && (i + 1 == text_.size() || text_[i + 1] != '`')) {
            at_ = i + 1;
            return name;
        }
        if (tick) ++i;
        name += text_[i];
    }
    return std::nullopt;
}

std::optional<Literal> FilterLexer::literal(std::string& expected) {
    const std::uint32_t position = this->position();
    std::optional<Literal> literal;
    if (looking_at('"') || looking_at('\'')) {
        literal = quoted_text(text_[at_], expected);
    } else if (!at_end() && (text_[at_] == '-' || is_digit(text_[at_]))) {
        literal = number(expected);
    } else if (const auto word = bare_word(); word == "true" || word == "false") {
        literal = Literal{.kind = Literal::Kind::boolean, .text = std::string(word)};
        at_ += word.size();
    } else {
        expected = "a value: text in quotes, a number, true or false";
    }
    if (literal) literal->position = position;
    return literal;
}

std::optional<Literal> FilterLexer::quoted_text(char quote, std::string& expected) {
    const std::size_t begin = at_++;
    Literal literal;
    while (!at_end() && text_[at_] != quote) {
        if (text_[at_] == '*') {
            if (at_ + 1 >= text_.size() || text_[at_ + 1] != quote) {
                expected =
                    "* only at the end of the text, where it means a prefix (\\* for a star)";
                return std::nullopt;
            }
            literal.prefix = true;
            ++at_;
        } else if (text_[at_] == '\\') {
            if (!escape(literal.text, expected)) return std::nullopt;
        } else if (text_[at_] == '\0') {
            expected = "text that does not contain U+0000";
            return std::nullopt;
        } else {
            literal.text += text_[at_++];
        }
    }
    if (at_end()) {
        at_ = begin;
        expected = "a closing quote for the text that begins here";
        return std::nullopt;
    }
    ++at_;
    return literal;
}

bool FilterLexer::escape(std::string& out, std::string& expected) {
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    constexpr std::string_view kFrom = "\"'\\*`/nrt";
    constexpr std::string_view kTo = "\"'\\*`/\n\r\t";
    const auto found = c == '\0' ? std::string_view::npos : kFrom.find(c);
    if (found != std::string_view::npos) {
        out += kTo[found];
        at_ += 2;
        return true;
    }
    if (c == 'u' && unicode_escape(out)) return true;
    expected = R"(one of the escapes \" \' \\ \* \n \r \t \uXXXX)";
    return false;
}

std::optional<std::uint32_t> FilterLexer::hex4() {
    if (text_.size() - at_ < 6 || text_[at_] != '\\' || text_[at_ + 1] != 'u') return std::nullopt;
    std::uint32_t code = 0;
    for (const char c : text_.substr(at_ + 2, 4)) {
        const char lower = static_cast<char>(c | 0x20);
        if (is_digit(c)) {
            code = code << 4U | static_cast<std::uint32_t>(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            code = code << 4U | static_cast<std::uint32_t>(lower - 'a' + 10);
        } else {
            return std::nullopt;
        }
    }
    at_ += 6;
    return code;
}

bool FilterLexer::unicode_escape(std::string& out) {
    const std::size_t begin = at_;
    auto code = hex4();
    if (code && *code >= 0xD800 && *code < 0xDC00) {
        const auto low = hex4();
        if (!low || *low < 0xDC00 || *low >= 0xE000) {
            at_ = begin;
            return false;
        }
        code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
    }
    if (!code || *code == 0 || (*code >= 0xDC00 && *code < 0xE000)) {
        at_ = begin;
        return false;
    }
    append_utf8(out, *code);
    return true;
}

std::optional<Literal> FilterLexer::number(std::string& expected) {
    const std::size_t length = number_length(text_.substr(at_));
    const bool stuck =
        length != 0 && at_ + length < text_.size() && is_name_byte(text_[at_ + length]);
    if (length == 0 || stuck || length > kMaxNumberLength) {
        expected = "a number such as -12, 4.5 or 1e6; text needs quotes";
        return std::nullopt;
    }
    Literal literal{.kind = Literal::Kind::number, .text = std::string(text_.substr(at_, length))};
    at_ += length;
    return literal;
}

std::uint32_t FilterLexer::position_of(std::size_t at) const {
    const auto starts_character = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
    };
    const auto before = std::ranges::count_if(text_.substr(0, at), starts_character);
    return static_cast<std::uint32_t>(before + 1);
}

std::string FilterLexer::here() const {
    if (at_end()) return "the end";
    constexpr std::size_t kShown = 20;
    std::string_view word = bare_word();
    if (word.empty()) word = text_.substr(at_, 1);
    std::size_t length = std::min(word.size(), kShown);
    while (length < word.size() && (static_cast<unsigned char>(word[length]) & 0xC0U) == 0x80) {
        ++length;
    }
    return std::string(word.substr(0, length));
}

}  // namespace atlas::query
