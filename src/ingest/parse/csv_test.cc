// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/csv.h"

#include <gtest/gtest.h>

namespace atlas::ingest {
namespace {

using Outcome = CsvReader::Outcome;
using Cells = std::vector<std::string>;
using Records = std::vector<Cells>;

// All records of a text that comes in one piece; refused ones as {"!"}.
Records read_all(std::string_view text, char delimiter = ',') {
    CsvReader reader(delimiter);
    Records records;
    for (std::size_t at = 0;;) {
        const Outcome outcome = reader.next(text, at, true);
        if (outcome == Outcome::end) return records;
        if (outcome == Outcome::blank) continue;
        if (outcome == Outcome::record) {
            records.emplace_back(reader.cells().begin(), reader.cells().end());
        } else {
            records.push_back({"!"});
        }
    }
}

TEST(Csv, ReadsTheExamplesOfTheStandard) {
    EXPECT_EQ(read_all("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n"),
              (Records{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
    EXPECT_EQ(read_all("aaa,bbb,ccc\r\nzzz,yyy,xxx"),
              (Records{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
    EXPECT_EQ(read_all("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx"),
              (Records{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
    EXPECT_EQ(read_all("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx"),
              (Records{{"aaa", "b\r\nbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
    EXPECT_EQ(read_all("\"aaa\",\"b\"\"bb\",\"ccc\""), (Records{{"aaa", "b\"bb", "ccc"}}));
}

TEST(Csv, ReadsWhatFilesReallyHold) {
    EXPECT_EQ(read_all("a,,c\n,\n\n  x , y\n"),
              (Records{{"a", "", "c"}, {"", ""}, {"  x ", " y"}}));
    EXPECT_EQ(read_all("a;b\tc;d", ';'), (Records{{"a", "b\tc", "d"}}));
    EXPECT_EQ(read_all("5\" pipe,a\"b\n"), (Records{{"5\" pipe", "a\"b"}}));
    EXPECT_EQ(read_all("\"\",\"\"\"\"\n\"\"\n"), (Records{{"", "\""}, {""}}));
    EXPECT_EQ(read_all("a\rb,c\n"), (Records{{"a\rb", "c"}}));
}

// Goal: where lines end with a carriage return alone, every record does, cut anywhere.
TEST(Csv, CarriageReturnsAloneEndRecordsWhereTheFirstLineDoes) {
    using LineEnd = CsvReader::LineEnd;
    EXPECT_EQ(CsvReader::first_line_end("a,b\rc,d\r"), LineEnd::carriage_return);
    EXPECT_EQ(CsvReader::first_line_end("\"a\rb\",c\r\nd"), LineEnd::line_feed);
    EXPECT_EQ(CsvReader::first_line_end("a\nb\rc"), LineEnd::line_feed);
    EXPECT_EQ(CsvReader::first_line_end("a,b\r"), LineEnd::line_feed);
    const std::string text = "a,b\r\"x\ry\",z\r\r\n1,\"open\rlast,\"one\"";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CsvReader reader(',', LineEnd::carriage_return);
        Records records;
        std::size_t lines = 0;
        std::string_view buffer = std::string_view(text).substr(0, cut);
        for (std::size_t at = 0;;) {
            const bool last = buffer.size() == text.size();
            const Outcome outcome = reader.next(buffer, at, last);
            if (outcome == Outcome::end) break;
            if (outcome == Outcome::need_more) {
                ASSERT_FALSE(last);
                buffer = text;
                continue;
            }
            lines += reader.line_feeds();
            if (outcome == Outcome::record) {
                records.emplace_back(reader.cells().begin(), reader.cells().end());
            }
        }
        EXPECT_EQ(records, (Records{{"a", "b"}, {"x\ry", "z"}, {"last", "one"}})) << cut;
        EXPECT_EQ(lines, 5U) << cut;
    }
}

TEST(Csv, TellsWhichCellsWereInQuotes) {
    CsvReader reader;
    std::size_t at = 0;
    ASSERT_EQ(reader.next("\"NA\",NA,\"a\"\"b\"\n", at, true), Outcome::record);
    EXPECT_TRUE(reader.is_quoted(0));
    EXPECT_FALSE(reader.is_quoted(1));
    EXPECT_TRUE(reader.is_quoted(2));
}

TEST(Csv, ABadRecordCostsOnlyItsLine) {
    EXPECT_EQ(read_all("a,b\n\"x\"y,z\nc,d\n"), (Records{{"a", "b"}, {"!"}, {"c", "d"}}));
    EXPECT_EQ(read_all("a,b\n\"open,z\nc,d\n"), (Records{{"a", "b"}, {"!"}, {"c", "d"}}));
}

// Goal: the same records come out, wherever the buffer happens to end.
TEST(Csv, ReadsTheSameFromEveryRefill) {
    const std::string text = "a,\"b\r\n\"\"x\"\"\",c\r\n\r\n1,2,3\n\"q\",,\"\"\nlast,\"one\"";
    const Records whole = read_all(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CsvReader reader;
        Records records;
        std::size_t at = 0;
        std::string_view buffer = std::string_view(text).substr(0, cut);
        bool last = false;
        for (;;) {
            const Outcome outcome = reader.next(buffer, at, last);
            if (outcome == Outcome::end) break;
            if (outcome == Outcome::need_more) {
                ASSERT_FALSE(last);
                buffer = text;
                last = true;
            } else if (outcome == Outcome::record) {
                records.emplace_back(reader.cells().begin(), reader.cells().end());
            }
        }
        EXPECT_EQ(records, whole) << cut;
    }
}

TEST(Csv, CountsLinesAndRefusesWhatIsTooLarge) {
    CsvReader reader;
    const std::string text = "a,\"x\ny\nz\"\nb\n";
    std::size_t at = 0;
    ASSERT_EQ(reader.next(text, at, true), Outcome::record);
    EXPECT_EQ(reader.line_feeds(), 3U);
    ASSERT_EQ(reader.next(text, at, true), Outcome::record);
    EXPECT_EQ(reader.line_feeds(), 1U);

    const std::string many = std::string(CsvReader::kMaxCells + 5, ',') + "\nb\n";
    EXPECT_EQ(read_all(many), (Records{{"!"}, {"b"}}));
    const std::string endless(CsvReader::kMaxRecordBytes + 10, 'x');
    at = 0;
    EXPECT_EQ(reader.next(endless, at, false), Outcome::too_large);
    EXPECT_EQ(at, endless.size());
}

}  // namespace
}  // namespace atlas::ingest
