// SPDX-License-Identifier: Apache-2.0
//
// The records of a CSV file, without the lines that are none: those before the header and comments.
//
//     Input → Buffered → [CsvSource] → cells
//
// Lifetime   borrows the input; a record lives until the next one is read.
// Threading  one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/ingest/buffered.h"
#include "ingest/parse/csv.h"

namespace atlas::cli {

class CsvSource {
public:
    using Outcome = ingest::CsvReader::Outcome;

    CsvSource(Input& input, const CsvOptions& options, const Place& place)
        : in_(input, place),
          comment_(options.comment),
          line_end_(ingest::CsvReader::first_line_end(input.peek())),
          delimiter_(delimiter_of(options, input.peek())),
          reader_(delimiter_, line_end_) {
        in_.line = 0;
        const std::size_t own = separator_line(input.peek()) ? 1 : 0;
        for (std::size_t i = 0; i < std::max(options.skip_lines, own); ++i) skip_line();
    }

    // The next record; in.line is the number of lines before it until take().
    Outcome read() {
        while (is_comment()) skip_line();
        for (;;) {
            begin_ = in_.used;
            const Outcome outcome = reader_.next(in_.buffer, in_.used, in_.at_end);
            if (outcome != Outcome::need_more) return outcome;
            looking_ ? in_.grow() : in_.refill();
        }
    }
    void take() { in_.line += reader_.line_feeds(); }

    // The record as it was written, without its line end.
    std::string text() const {
        std::string_view record(in_.buffer.data() + begin_, in_.used - begin_);
        while (record.ends_with('\n') || record.ends_with('\r')) record.remove_suffix(1);
        return std::string(record);
    }

    // Reads records for `look` until it returns false or none is left, and returns to here.
    template <class Look>
    void look_ahead(std::size_t most_bytes, Look look) {
        const std::size_t used = in_.used;
        const std::uint64_t line = in_.line;
        looking_ = true;
        while (in_.used - used < most_bytes) {
            const Outcome outcome = read();
            if (outcome == Outcome::end || !look(outcome)) break;
            take();
        }
        looking_ = false;
        in_.used = used;
        in_.line = line;
    }

    // Decoded bytes of the file up to the next record.
    std::uint64_t offset() const { return in_.input.position() - (in_.buffer.size() - in_.used); }

    // Goes on at a place that lies ahead.
    void seek(const Place& place) {
        Input& input = in_.input;
        if (place.offset <= offset()) return;
        if (place.offset > input.position()) {
            in_.buffer.clear();
            in_.used = 0;
            input.skip_to(place.offset);
        } else {
            in_.used =
                in_.buffer.size() - static_cast<std::size_t>(input.position() - place.offset);
        }
        in_.line = place.line;
    }

    Buffered& in() { return in_; }
    char delimiter() const { return delimiter_; }
    const ingest::CsvReader& reader() const { return reader_; }

private:
    // The character that the first line "sep=;" of Excel names.
    static std::optional<char> separator_line(std::string_view begin) {
        constexpr std::string_view kWord = "sep=";
        const std::string_view line = begin.substr(0, begin.find_first_of("\r\n"));
        if (!line.starts_with(kWord) || line.size() != kWord.size() + 1) return std::nullopt;
        return line.back() == '"' ? std::nullopt : std::optional(line.back());
    }
    // A delimiter that the user gave counts more.
    static char delimiter_of(const CsvOptions& options, std::string_view begin) {
        if (options.delimiter != CsvOptions{}.delimiter) return options.delimiter;
        return separator_line(begin).value_or(options.delimiter);
    }

    bool is_comment() {
        if (comment_.empty()) return false;
        while (in_.buffer.size() - in_.used < comment_.size() && !in_.at_end) in_.grow();
        return std::string_view(in_.buffer).substr(in_.used).starts_with(comment_);
    }

    void skip_line() {
        const char end = line_end_ == ingest::CsvReader::LineEnd::line_feed ? '\n' : '\r';
        std::size_t found = in_.buffer.find(end, in_.used);
        while (found == std::string::npos && !in_.at_end) {
            in_.grow();
            found = in_.buffer.find(end, in_.used);
        }
        in_.used = found == std::string::npos ? in_.buffer.size() : found + 1;
        ++in_.line;
    }

    Buffered in_;
    std::string comment_;
    ingest::CsvReader::LineEnd line_end_;
    char delimiter_;
    ingest::CsvReader reader_;
    std::size_t begin_ = 0;  // of the record
    bool looking_ = false;
};

}  // namespace atlas::cli
