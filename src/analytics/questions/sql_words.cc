// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "analytics/questions/sql_size.h"
#include "analytics/questions/sql_tree.h"

namespace atlas::analytics {
namespace {

using Name = std::string_view;

// What a set of groups that the parser writes out takes: CUBE of many columns makes thousands.
constexpr double kCubeWords = 5000;

constexpr auto kCounted = std::to_array<Name>(
    {"case", "cube", "end", "materialized", "over", "rollup", "sets", "when", "window"});

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_beyond_ascii(char c) {
    return (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool begins_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_beyond_ascii(c);
}
bool goes_on(char c) {
    return begins_word(c) || is_digit(c) || c == '$';
}

// The words and signs of a statement, as the store's parser tells them apart: without comments,
// a quoted text or name is one sign.
class Words {
public:
    explicit Words(Name sql) : rest_(sql) {}

    // In lower case, a sign as it is; nullopt: the text ends.
    std::optional<std::string> next() {
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == ' ' || (c >= '\t' && c <= '\r')) {
                take(1);
            } else if (rest_.starts_with("--")) {
                take(std::min(rest_.find_first_of("\r\n"), rest_.size()));
            } else if (rest_.starts_with("/*")) {
                skip_comment();
            } else if (c == '\'' || c == '"') {
                return quoted(c, false);
            } else if (c == '$') {
                return dollar();
            } else if (is_digit(c)) {
                return number();
            } else if (begins_word(c)) {
                return word();
            } else {
                return std::string(take(1));
            }
        }
        return std::nullopt;
    }

    // Whether the text was one of those that can be read in two ways.
    bool ambiguous() const { return ambiguous_; }

private:
    Name take(std::size_t size) {
        const Name taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        after_number_ = false;
        return taken;
    }

    void skip_comment() {
        int depth = 0;
        do {
            if (rest_.starts_with("/*")) {
                ++depth;
                take(2);
            } else if (rest_.starts_with("*/")) {
                --depth;
                take(2);
            } else {
                take(1);
            }
        } while (depth > 0 && !rest_.empty());
    }

    std::string quoted(char quote, bool escapes) {
        take(1);
        while (!rest_.empty()) {
            const char c = take(1).front();
            if (escapes && c == '\\') take(1);
            if (c != quote) continue;
            if (rest_.empty() || rest_.front() != quote) break;
            take(1);
        }
        return std::string(1, quote);
    }

    // $1, $name, or a text between $tag$ and $tag$.
    std::string dollar() {
        std::size_t end = 1;
        while (end < rest_.size() &&
               (begins_word(rest_[end]) || (end > 1 && is_digit(rest_[end])))) {
            ++end;
        }
        if (end < rest_.size() && rest_[end] == '$') {
            const std::string tag(take(end + 1));
            const std::size_t close = rest_.find(tag);
            take(close == Name::npos ? rest_.size() : close + tag.size());
            return "'";
        }
        take(end);
        return "$";
    }

    std::string number() {
        const auto digits = [this](std::size_t from) {
            return std::min(rest_.find_first_not_of("0123456789", from), rest_.size());
        };
        std::size_t end = digits(0);
        if (end < rest_.size() && rest_[end] == '.') end = digits(end + 1);
        std::string text(take(end));
        after_number_ = true;
        return text;
    }

    std::string word() {
        // "1e5WHEN" and "1E'…'": where the number ends is the parser's to say.
        const bool after_number = after_number_;
        std::size_t end = 1;
        while (end < rest_.size() && goes_on(rest_[end])) ++end;
        std::string text = lower(take(end));
        const bool quote_follows = !rest_.empty() && rest_.front() == '\'';
        if (after_number) {
            ambiguous_ = ambiguous_ || quote_follows || ends_in_counted(text);
        }
        if (text == "e" && quote_follows) return quoted('\'', true);
        check_segments(text);
        return text;
    }

    static bool ends_in_counted(Name text) {
        return std::ranges::any_of(
            kCounted, [text](Name word) { return text != word && text.ends_with(word); });
    }

    // Some characters beyond ASCII are spaces to the parser, others letters.
    void check_segments(Name text) {
        if (std::ranges::none_of(text, is_beyond_ascii)) return;
        std::size_t start = 0;
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (i < text.size() && !is_beyond_ascii(text[i])) continue;
            const Name segment = text.substr(start, i - start);
            const bool counted = std::ranges::find(kCounted, segment) != kCounted.end();
            const bool escapes = segment == "e" && i == text.size() && rest_.starts_with("'");
            ambiguous_ = ambiguous_ || counted || escapes;
            start = i + 1;
        }
    }

    Name rest_;
    bool after_number_ = false;  // directly
    bool ambiguous_ = false;
};

// The parser writes what is between CASE and the first WHEN into every comparison.
class Weight {
public:
    void add(const std::string& word, const std::string& before) {
        const bool label = before == "." || before == "as";
        const bool counts = !label;
        if (counts && word == "case") return frames_.push_back({});
        Frame& frame = frames_.back();
        if (counts && word == "when") {
            ++frame.whens;
            frame.operand_ended = true;
        }
        const bool sets = counts && (word == "cube" || word == "rollup" || word == "sets");
        (frame.operand_ended ? frame.rest : frame.operand) += sets ? kCubeWords : 1;
        if (counts && word == "end" && frames_.size() > 1) pop();
        overs_ += counts && word == "over" ? 1 : 0;
        windows_ += counts && word == "window" ? 1 : 0;
    }

    // Every use of a named window holds its text, in which others may be used.
    double total() {
        while (frames_.size() > 1) pop();
        const double words = frames_.front().operand + frames_.front().rest;
        if (windows_ == 0) return words;
        return words * std::pow(std::max(1.0, overs_ / windows_), windows_);
    }

private:
    struct Frame {
        double operand = 0;
        double rest = 0;
        double whens = 0;
        bool operand_ended = false;
    };

    void pop() {
        const Frame inner = frames_.back();
        frames_.pop_back();
        Frame& outer = frames_.back();
        const double words = 1 + inner.operand * std::max(1.0, inner.whens) + inner.rest;
        (outer.operand_ended ? outer.rest : outer.operand) += words;
    }

    std::vector<Frame> frames_ = {Frame{}};
    double overs_ = 0;
    double windows_ = 0;
};

// Whether the word is NOT, also after a character that is a space to the parser.
bool is_not(Name word) {
    return word == "not" || (word.ends_with("not") && is_beyond_ascii(word[word.size() - 4]));
}

}  // namespace

query::Answer<void> check_text(std::string_view sql) {
    Words words(sql);
    Weight weight;
    std::string before;
    while (auto word = words.next()) {
        // The parser's JSON does not tell it.
        if (*word == "materialized" && is_not(before)) {
            return failure(query::Error{
                .code = query::ErrorCode::sql_not_allowed,
                .detail = "This statement may not use NOT MATERIALIZED, which compiles a common "
                          "table expression again for each of its uses: leave the words out."});
        }
        weight.add(*word, before);
        before = std::move(*word);
    }
    if (words.ambiguous()) {
        return failure(query::Error{
            .code = query::ErrorCode::sql_not_allowed,
            .detail = "A number or a letter beyond ASCII touches a word such as CASE, WHEN, END or "
                      "OVER, or a quoted text: write a space between them."});
    }
    if (weight.total() <= kMaxWords) return {};
    return failure(query::Error{
        .code = query::ErrorCode::sql_not_allowed,
        .detail = fmt::format(
            "This statement is more than {} words and signs long once it is written out: what "
            "is between CASE and WHEN counts for each WHEN, a named window for each use, and "
            "CUBE, ROLLUP and GROUPING SETS {} each. Name the value of a nested CASE in a "
            "subquery, write windows where they are used, or send several statements.",
            kMaxWords, kCubeWords)});
}

bool has_word(std::string_view sql, std::string_view word) {
    Words words(sql);
    while (const auto found = words.next()) {
        if (*found == word) return true;
    }
    return false;
}

}  // namespace atlas::analytics
