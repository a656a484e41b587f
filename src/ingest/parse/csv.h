// SPDX-License-Identifier: Apache-2.0
//
// Reads CSV [RFC 4180], record by record, from a buffer that the caller refills.
//
//     file → buffer → [CsvReader] → cells → mapping → telemetry
//
// Lenient where no meaning is lost: records end with CRLF or LF, also mixed; a quote inside a cell
// that does not begin with one is part of the text; the last record needs no line end. A CR alone
// is text, unless the file ends its lines so: first_line_end() tells.
//
// Lifetime   a record borrows from the buffer and the reader until the next call.
// Threading  one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::ingest {

class CsvReader {
public:
    static constexpr std::size_t kMaxRecordBytes = std::size_t{4} << 20U;
    static constexpr std::size_t kMaxCells = 20'000;

    enum class Outcome : std::uint8_t {
        record,     // cells() holds it
        blank,      // an empty line; nothing to do
        need_more,  // the buffer ends inside a record: refill and ask again at the same place
        end,        // nothing is left
        // The record is rejected, and reading continues after its first line end:
        bad_quote,  // something other than a delimiter follows a closing quote, or none closes
        too_large,  // more bytes or cells than the limits above
    };

    enum class LineEnd : std::uint8_t { line_feed, carriage_return };

    explicit CsvReader(char delimiter = ',', LineEnd line_end = LineEnd::line_feed);

    // How the first line of `text` ends, outside of quotes; line_feed when it does not end. `text`
    // begins with a line and holds more than one, or all there is.
    static LineEnd first_line_end(std::string_view text);

    // Reads the record that begins at `at` and moves `at` past it, except for need_more. `last`:
    // nothing follows `buffer`.
    Outcome next(std::string_view buffer, std::size_t& at, bool last);

    const std::vector<std::string_view>& cells() const { return cells_; }
    // Whether a cell of the record was in quotes.
    bool is_quoted(std::size_t cell) const { return found_[cell].quoted; }
    // Line ends in the record just read, its own included.
    std::size_t line_feeds() const { return line_feeds_; }

private:
    struct Cell {
        std::size_t begin, length;
        bool copied;  // in scratch_, because quotes were taken out
        bool quoted;
    };
    Outcome read(std::string_view buffer, std::size_t& at, bool last);
    Outcome read_quoted(std::string_view buffer, std::size_t& at, bool last);
    void read_plain(std::string_view buffer, std::size_t& at);
    Outcome refuse(Outcome why, std::string_view buffer, std::size_t& at, bool last);
    bool ends_cell(std::string_view buffer, std::size_t at) const;

    std::size_t count_lines(std::string_view text) const;
    std::size_t find_end(std::string_view buffer, std::size_t at) const;

    char delimiter_;
    char line_end_;
    std::uint64_t delimiters_;  // eight of them
    std::vector<Cell> found_;
    std::vector<std::string_view> cells_;
    std::string scratch_;
    std::size_t line_feeds_ = 0;
};

}  // namespace atlas::ingest
