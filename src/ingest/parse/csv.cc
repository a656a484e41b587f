// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/csv.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace atlas::ingest {

namespace {

constexpr std::uint64_t eight_of(char c) {
    return 0x0101010101010101U * static_cast<unsigned char>(c);
}

// The high bit of each byte that is zero, exact up to the first of them [Hacker's Delight, 6-1].
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
    return (word - eight_of(1)) & ~word & 0x8080808080808080U;
}

}  // namespace

CsvReader::CsvReader(char delimiter, LineEnd line_end)
    : delimiter_(delimiter),
      line_end_(line_end == LineEnd::line_feed ? '\n' : '\r'),
      delimiters_(eight_of(delimiter)) {
}

CsvReader::LineEnd CsvReader::first_line_end(std::string_view text) {
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') quoted = !quoted;
        if (quoted || (text[at] != '\r' && text[at] != '\n')) continue;
        const bool alone = text[at] == '\r' && at + 1 < text.size() && text[at + 1] != '\n';
        return alone ? LineEnd::carriage_return : LineEnd::line_feed;
    }
    return LineEnd::line_feed;
}

std::size_t CsvReader::count_lines(std::string_view text) const {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), line_end_));
}

bool CsvReader::ends_cell(std::string_view buffer, std::size_t at) const {
    return buffer[at] == delimiter_ || buffer[at] == '\n' ||
           (buffer[at] == '\r' &&
            (line_end_ == '\r' || at + 1 == buffer.size() || buffer[at + 1] == '\n'));
}

// The next delimiter, line feed or carriage return, or the end of the buffer; eight bytes at a
// time.
std::size_t CsvReader::find_end(std::string_view buffer, std::size_t at) const {
    static_assert(std::endian::native == std::endian::little);
    for (; at + sizeof(std::uint64_t) <= buffer.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, buffer.data() + at, sizeof word);
        const std::uint64_t found = zero_bytes(word ^ delimiters_) |
                                    zero_bytes(word ^ eight_of('\n')) |
                                    zero_bytes(word ^ eight_of('\r'));
        if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    }
    while (at < buffer.size() && buffer[at] != delimiter_ && buffer[at] != '\n' &&
           buffer[at] != '\r') {
        ++at;
    }
    return at;
}

void CsvReader::read_plain(std::string_view buffer, std::size_t& at) {
    const std::size_t begin = at;
    at = find_end(buffer, at);
    while (at < buffer.size() && !ends_cell(buffer, at)) at = find_end(buffer, at + 1);
    found_.push_back({begin, at - begin, false, false});
}

// `at` is at the opening quote; afterwards past the closing one.
CsvReader::Outcome CsvReader::read_quoted(std::string_view buffer, std::size_t& at, bool last) {
    const std::size_t begin = ++at;
    const std::size_t copied = scratch_.size();
    bool doubled = false;
    for (std::size_t piece = begin;;) {
        const std::size_t quote = buffer.find('"', at);
        if (quote == std::string_view::npos) return last ? Outcome::bad_quote : Outcome::need_more;
        if (quote + 1 == buffer.size() && !last) return Outcome::need_more;
        const bool twice = quote + 1 < buffer.size() && buffer[quote + 1] == '"';
        at = quote + (twice ? 2 : 1);
        if (twice || doubled) {
            scratch_.append(buffer, piece, quote + (twice ? 1 : 0) - piece);
            piece = at;
            doubled = true;
        }
        if (twice) continue;
        line_feeds_ += count_lines(buffer.substr(begin, quote - begin));
        if (doubled) {
            found_.push_back({copied, scratch_.size() - copied, true, true});
        } else {
            found_.push_back({begin, quote - begin, false, true});
        }
        const bool ends = at == buffer.size() || ends_cell(buffer, at);
        return ends ? Outcome::record : Outcome::bad_quote;
    }
}

CsvReader::Outcome CsvReader::read(std::string_view buffer, std::size_t& at, bool last) {
    for (;;) {
        if (found_.size() >= kMaxCells) return Outcome::too_large;
        if (at < buffer.size() && buffer[at] == '"') {
            const Outcome outcome = read_quoted(buffer, at, last);
            if (outcome != Outcome::record) return outcome;
        } else {
            read_plain(buffer, at);
        }
        if (at < buffer.size() && buffer[at] == delimiter_) {
            ++at;
            continue;
        }
        const bool returned = at < buffer.size() && buffer[at] == '\r';
        if (returned) ++at;
        if (at == buffer.size() && !last) return Outcome::need_more;
        if (at < buffer.size() && buffer[at] == '\n') {
            ++at;
            ++line_feeds_;
        } else if (returned && line_end_ == '\r') {
            ++line_feeds_;
        }
        return Outcome::record;
    }
}

CsvReader::Outcome CsvReader::refuse(Outcome why, std::string_view buffer, std::size_t& at,
                                     bool last) {
    const std::size_t feed = buffer.find(line_end_, at);
    line_feeds_ = 1;
    if (feed == std::string_view::npos && !last && buffer.size() - at <= kMaxRecordBytes) {
        return Outcome::need_more;
    }
    at = feed == std::string_view::npos ? buffer.size() : feed + 1;
    return why;
}

CsvReader::Outcome CsvReader::next(std::string_view buffer, std::size_t& at, bool last) {
    if (at >= buffer.size()) return last ? Outcome::end : Outcome::need_more;
    found_.clear();
    cells_.clear();
    scratch_.clear();
    line_feeds_ = 0;
    std::size_t end = at;
    const Outcome outcome = read(buffer, end, last);
    if (outcome == Outcome::need_more) {
        if (buffer.size() - at <= kMaxRecordBytes) return outcome;
        return refuse(Outcome::too_large, buffer, at, last);
    }
    if (outcome != Outcome::record) return refuse(outcome, buffer, at, last);
    if (end - at > kMaxRecordBytes) return refuse(Outcome::too_large, buffer, at, last);
    const bool is_blank = found_.size() == 1 && found_[0].length == 0 && buffer[at] != '"';
    at = end;
    cells_.resize(found_.size());
    for (std::size_t i = 0; i < found_.size(); ++i) {
        const Cell& cell = found_[i];
        const char* const source = cell.copied ? scratch_.data() : buffer.data();
        cells_[i] = {source + cell.begin, cell.length};
    }
    return is_blank ? Outcome::blank : Outcome::record;
}

}  // namespace atlas::ingest
