// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/json_splitter.h"

#include <algorithm>

namespace atlas::cli {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kBetween = " \t\r\n,[]";

// Past the object that begins at `at`; npos when it does not end.
std::size_t object_end(std::string_view text, std::size_t at) {
    int depth = 0;
    bool quoted = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            if (c == '\\') ++at;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

}  // namespace

bool JsonSplitter::is_needed(std::string_view begin) {
    const std::size_t first = begin.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return false;
    if (begin[first] == '[') return true;
    const std::size_t feed = begin.find('\n', first);
    if (begin[first] != '{' || feed == std::string_view::npos) return false;
    // A line that is nothing but the brace: people and programs indent so.
    return begin.substr(first + 1, feed - first).find_first_not_of(kBlank) ==
           std::string_view::npos;
}

JsonSplitter::JsonSplitter(std::string_view begin) {
    const std::size_t first = begin.find_first_not_of(kBlank);
    open_ = first != std::string_view::npos && begin[first] == '[';
}

JsonSplitter::Outcome JsonSplitter::next(std::string_view buffer, std::size_t& at, bool last) {
    lines_before_ = 0;
    lines_inside_ = 0;
    const std::size_t begin = std::min(buffer.find_first_not_of(kBetween, at), buffer.size());
    const std::size_t end =
        begin < buffer.size() ? object_end(buffer, begin) : std::string_view::npos;
    const bool is_object = begin < buffer.size() && buffer[begin] == '{';
    if (!last && (begin == buffer.size() || (is_object && end == std::string_view::npos))) {
        return Outcome::need_more;
    }
    lines_before_ =
        static_cast<std::uint64_t>(std::ranges::count(buffer.substr(at, begin - at), '\n'));
    if (buffer.substr(at, begin - at).find(']') != std::string_view::npos) open_ = false;
    if (begin == buffer.size() && !open_) {
        at = begin;
        return Outcome::end;
    }
    if (begin == buffer.size() || !is_object || end == std::string_view::npos)
        return Outcome::broken;
    line_ = buffer.substr(begin, end - begin);
    lines_inside_ = static_cast<std::uint64_t>(std::ranges::count(line_, '\n'));
    // Between the parts of an object they are blanks; inside of a text they are not JSON.
    std::ranges::replace_if(line_, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    at = end;
    return Outcome::value;
}

}  // namespace atlas::cli
