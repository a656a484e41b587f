// SPDX-License-Identifier: Apache-2.0
//
// Goal: any table of typed cells, as the programs that people use write it, has the same values
// when it is read back.
// Method: tables at random, each written in every dialect and read as `atlas ingest` reads a file.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <fstream>
#include <optional>
#include <random>
#include <variant>

#include "cli/ingest/chunk.h"
#include "testing/rounds.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

// Latin-1, so that every encoding has them.
const std::vector<std::string> kPieces = {"a",  "Zed", " ", "ä", "ß",   "é", "\"", ",", ";",
                                          "\t", "\n",  "'", "1", "0.5", "-", "#",  "\\"};

using Cell = std::variant<std::monostate, std::int64_t, double, bool, std::string>;
using Row = std::vector<Cell>;  // int, double, bool, string

struct Dialect {
    std::string name;
    char delimiter = ',';
    std::string line_end = "\n";
    std::string yes = "true";
    std::string no = "false";
    std::string null = {};
    char decimal = '.';
    std::string group = {};  // between thousands
    enum class Quotes : std::uint8_t { needed, texts, all } quotes = Quotes::needed;
    Encoding encoding = Encoding::utf8;
    bool mark = false;  // a byte order mark
    bool plus = false;  // + before positive numbers
};

std::vector<Dialect> dialects() {
    using Quotes = Dialect::Quotes;
    Dialect excel_de{.name = "excel_de",
                     .delimiter = ';',
                     .line_end = "\r\n",
                     .yes = "WAHR",
                     .no = "FALSCH",
                     .null = "",
                     .decimal = ',',
                     .group = "."};
    excel_de.encoding = Encoding::windows1252;
    Dialect excel_en{.name = "excel_en",
                     .line_end = "\r\n",
                     .yes = "TRUE",
                     .no = "FALSE",
                     .null = "#N/A",
                     .group = ","};
    Dialect pandas{.name = "pandas", .yes = "True", .no = "False", .null = "NaN"};
    Dialect r{.name = "r", .yes = "TRUE", .no = "FALSE", .null = "NA"};
    r.quotes = Quotes::texts;
    Dialect copy{.name = "copy", .yes = "t", .no = "f", .null = ""};
    Dialect semicolons{.name = "semicolons", .delimiter = ';', .null = "NULL"};
    semicolons.plus = true;
    Dialect tabs{.name = "tabs", .delimiter = '\t', .null = "\\N"};
    tabs.encoding = Encoding::utf16;
    Dialect quoted{.name = "quoted", .line_end = "\r\n", .null = ""};
    quoted.quotes = Quotes::all;
    Dialect mark{.name = "mark", .line_end = "\r\n", .null = "null"};
    mark.mark = true;
    Dialect cr{.name = "cr", .line_end = "\r", .null = "-"};
    Dialect latin{.name = "latin", .null = "n/a"};
    latin.encoding = Encoding::latin1;
    return {excel_de, excel_en, pandas, r, copy, semicolons, tabs, quoted, mark, cr, latin};
}

class Tables {
public:
    explicit Tables(std::uint64_t seed) : random_(seed) {}

    // The first two rows have values of every type.
    std::vector<Row> make() {
        std::vector<Row> rows{{std::int64_t{-7}, 2.5, true, "name"},
                              {std::int64_t{1234567}, -1234.25, false, "näme \"x\""}};
        const std::size_t count = 2 + below(40);
        while (rows.size() < count) {
            rows.push_back(
                {maybe(integer()), maybe(fraction()), maybe(below(2) == 0), maybe(text())});
        }
        return rows;
    }

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    Cell maybe(Cell cell) { return below(5) == 0 ? Cell{} : std::move(cell); }

    std::int64_t integer() {
        const auto wide = static_cast<std::int64_t>(random_());
        return wide >> static_cast<unsigned>(below(64));
    }
    double fraction() {
        const double mantissa = static_cast<double>(random_() >> 11U) / 9007199254740992.0 - 0.5;
        return mantissa * std::pow(10.0, static_cast<double>(below(60)) - 30);
    }
    std::string text() {
        std::string out = "T";
        for (std::size_t i = 0; i < below(8); ++i) out += kPieces[below(kPieces.size())];
        return out;
    }

    std::mt19937_64 random_;
};

std::string grouped(std::string digits, const Dialect& dialect) {
    const bool negative = digits.starts_with('-');
    if (negative) digits.erase(0, 1);
    const std::size_t whole = std::min(digits.find_first_of(".e"), digits.size());
    if (whole == digits.size() || digits[whole] == '.') {
        for (std::size_t at = whole; !dialect.group.empty() && at > 3; at -= 3) {
            digits.insert(at - 3, dialect.group);
        }
    }
    return (negative ? "-" : dialect.plus ? "+" : "") + digits;
}

std::string spell(const Cell& cell, const Dialect& dialect) {
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
        return grouped(fmt::format("{}", *number), dialect);
    }
    if (const auto* number = std::get_if<double>(&cell)) {
        std::string digits = fmt::format("{}", *number);
        const std::size_t point = digits.find('.');
        std::string out;
        if (dialect.group == "," || dialect.group == ".") {
            const std::string whole = digits.substr(0, std::min(point, digits.size()));
            out = point == std::string::npos || digits.find('e') != std::string::npos
                      ? digits
                      : grouped(whole, dialect) + "." + digits.substr(point + 1);
        } else {
            out = grouped(digits, dialect);
        }
        if (dialect.decimal == ',') {
            const std::size_t last = out.rfind('.');
            if (point != std::string::npos) out[last] = ',';
        }
        return out;
    }
    if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? dialect.yes : dialect.no;
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    return dialect.null;
}

std::string write_cell(const Cell& cell, const Dialect& dialect) {
    const std::string text = spell(cell, dialect);
    const bool is_text = std::holds_alternative<std::string>(cell);
    const bool needed =
        text.find_first_of(std::string("\"\r\n") + dialect.delimiter) != std::string::npos;
    const bool quote = needed || dialect.quotes == Dialect::Quotes::all ||
                       (dialect.quotes == Dialect::Quotes::texts && is_text);
    if (!quote) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

// UTF-8 of Latin-1 characters in another encoding.
std::string encode(const std::string& text, Encoding encoding) {
    if (encoding == Encoding::utf8) return text;
    std::string out = encoding == Encoding::utf16 ? "\xFF\xFE" : "";
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned point = static_cast<unsigned char>(text[i]);
        if (point >= 0xC0) {
            point = (point & 0x1FU) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3FU);
        }
        out += static_cast<char>(point);
        if (encoding == Encoding::utf16) out += '\0';
    }
    return out;
}

std::string write_table(const std::vector<Row>& rows, const Dialect& dialect) {
    std::string out = dialect.mark ? "\xEF\xBB\xBF" : "";
    const std::vector<std::string> header{"entity", "time", "i", "d", "b", "s"};
    const auto add = [&](const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) out += dialect.delimiter;
            out += cells[i];
        }
        out += dialect.line_end;
    };
    std::vector<std::string> cells;
    for (const auto& name : header) cells.push_back(write_cell(name, dialect));
    add(cells);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        cells = {write_cell(fmt::format("e{}", i), dialect),
                 write_cell(fmt::format("2026-11-01T10:{:02}:00Z", i % 60), dialect)};
        for (const Cell& cell : rows[i]) cells.push_back(write_cell(cell, dialect));
        add(cells);
    }
    return encode(out, dialect.encoding);
}

// What is read back, a row for each record, and what was rejected.
std::vector<Row> read_table(const std::string& path, const Dialect& dialect) {
    IngestOptions options;
    options.csv.delimiter = dialect.delimiter;
    options.csv.cells.decimal_comma = dialect.decimal == ',';
    if (dialect.group == ",") options.csv.cells.thousands = ',';
    std::optional<Encoding> encoding = dialect.encoding;
    if (encoding == Encoding::utf8 || encoding == Encoding::utf16) encoding.reset();
    simdjson::dom::parser parser;  // reads doubles exactly
    const auto input = Input::open(path, encoding);
    const auto reader = make_chunk_reader(FileFormat::csv, *input, options, {});
    std::vector<Row> rows;
    for (;;) {
        Chunk chunk;
        const bool more = reader->next(chunk, 1 << 20, [&](const Reject& reject) {
            ADD_FAILURE() << dialect.name << " line " << reject.line << ": " << reject.detail;
        });
        if (!more) return rows;
        for (const auto& item : chunk.items) {
            const auto values =
                parser.parse(std::string(chunk.text(item)))["attributes"].get_object().value();
            Row row(4);
            for (const auto& [name, value] : values) {
                if (name == "i") row[0] = value.get_int64().value();
                if (name == "d") row[1] = value.get_double().value();
                if (name == "b") row[2] = value.get_bool().value();
                if (name == "s") row[3] = std::string(value.get_string().value());
            }
            rows.push_back(std::move(row));
        }
    }
}

TEST(DialectsProperty, EveryTableIsReadBackAsItWas) {
    const fs::path path = fs::path(testing::TempDir()) / "dialects.csv";
    const std::uint64_t first = test::seed_or(1);
    const std::uint64_t rounds = test::rounds_or(60);
    for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
        const std::vector<Row> rows = Tables(seed).make();
        for (const Dialect& dialect : dialects()) {
            std::ofstream(path, std::ios::binary) << write_table(rows, dialect);
            const std::vector<Row> found = read_table(path, dialect);
            ASSERT_EQ(found.size(), rows.size()) << dialect.name << " seed " << seed;
            for (std::size_t i = 0; i < rows.size(); ++i) {
                EXPECT_EQ(found[i], rows[i]) << dialect.name << " seed " << seed << " row " << i;
            }
        }
    }
    fs::remove(path);
}

}  // namespace
}  // namespace atlas::cli
