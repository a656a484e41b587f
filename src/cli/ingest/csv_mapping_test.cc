// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/csv_mapping.h"

#include <gtest/gtest.h>

#include "cli/server.h"

namespace atlas::cli {
namespace {

const Time kAt = *parse_rfc3339("2026-11-21T10:00:00Z");

std::string map(const std::vector<std::string>& header, const std::vector<std::string_view>& cells,
                const CsvOptions& options = {}) {
    std::string out;
    const char* fault = CsvMapping(header, options).append(cells, kAt, out);
    return fault == nullptr ? out : std::string("refused: ") + fault;
}

TEST(CsvMapping, FindsColumnsByTheirUsualNames) {
    EXPECT_EQ(map({"time", "entity", "type", "pressure", "status"},
                  {"2026-11-20T10:00:00+01:00", "pump-7", "pump", "4.2", "online"}),
              R"({"entity":"pump-7","type":"pump","at":"2026-11-21T10:00:00.000000Z",)"
              R"("attributes":{"pressure":4.2,"status":"online"}})"
              "\n");
}

TEST(CsvMapping, TakesTheColumnsItIsTold) {
    CsvOptions options;
    options.entity = "vm";
    options.time = "t";
    options.type = "machine";
    options.attributes = {"a", "b"};
    options.names = {{"a", "load"}};
    options.strings = {"b"};
    EXPECT_EQ(map({"vm", "t", "a", "b", "c"}, {"x", "1700000000", "1e3", "007", "9"}, options),
              R"({"entity":"x","type":"machine","at":"2026-11-21T10:00:00.000000Z",)"
              R"("attributes":{"load":1e3,"b":"007"}})"
              "\n");
    options.time = "nowhere";
    EXPECT_THROW(map({"vm"}, {"x"}, options), CommandError);
}

TEST(CsvMapping, ReadsLongFiles) {
    CsvOptions options;
    options.name_column = "sensor";
    options.value_column = "reading";
    EXPECT_EQ(
        map({"id", "sensor", "reading", "unit"}, {"node-1", "Host Power", "0x00", "W"}, options),
        R"({"entity":"node-1","at":"2026-11-21T10:00:00.000000Z",)"
        R"("attributes":{"Host Power":"0x00"}})"
        "\n");
    options.value_column.clear();
    EXPECT_THROW(map({"id", "sensor"}, {"a", "b"}, options), CommandError);
}

// The values of a column whose first rows are `cells`, as JSON; "!" for a cell that is rejected.
std::vector<std::string> values(const std::vector<std::string_view>& cells,
                                const CsvOptions& options = {}, const KnownTypes& known = {}) {
    CsvMapping mapping({"entity", "v"}, options, known);
    for (const auto cell : cells) mapping.look({"e", cell}, 1);
    mapping.decide();
    std::vector<std::string> out;
    for (const auto cell : cells) {
        std::string line;
        EXPECT_EQ(mapping.append({"e", cell}, kAt, line), nullptr);
        const auto begin = line.find("\"v\":");
        if (!mapping.faults().empty()) {
            out.emplace_back("!");
        } else if (begin == std::string::npos) {
            out.emplace_back();
        } else {
            out.push_back(line.substr(begin + 4, line.size() - begin - 7));
        }
    }
    return out;
}

using Values = std::vector<std::string>;

// Goal: the first cell does not make the type, and every digit arrives.
TEST(CsvMapping, TellsNumbersFromStringsByTheColumn) {
    EXPECT_EQ(values({"NaN", " 21.5", "+2.5", ".5", "5.", "-", "7"}),
              (Values{"", "21.5", "2.5", "0.5", "5.0", "", "7.0"}));
    EXPECT_EQ(values({"9007199254740993", "", "-0"}), (Values{"9007199254740993", "", "-0"}));
    EXPECT_EQ(values({"0.10000000000000000001", "9007199254740993"}),
              (Values{"0.10000000000000000001", "9007199254740993"}));
    EXPECT_EQ(values({"0.5", "9007199254740992", "9223372036854775807", "9223372036854775808",
                      "9223372036854775809"}),
              (Values{"0.5", "9007199254740992.0", "9223372036854775807", "9223372036854775808.0",
                      "9223372036854775809"}));
    EXPECT_EQ(values({"TRUE", "false", "NA"}), (Values{"true", "false", ""}));
    EXPECT_EQ(values({"007", "123"}), (Values{"\"007\"", "\"123\""}));
    EXPECT_EQ(values({"1", "two", "three"}), (Values{"\"1\"", "\"two\"", "\"three\""}));
    EXPECT_EQ(values({"1", "2", "3", "4", "5", "6", "7", "8", "9", "err"}),
              (Values{"1", "2", "3", "4", "5", "6", "7", "8", "9", "!"}));
}

// Goal: what the tenant has decides, and what the user says.
TEST(CsvMapping, KnownAndGivenTypesDecide) {
    EXPECT_EQ(values({"1", "0", "yes", "WAHR", "2"}, {}, {{"v", "bool"}}),
              (Values{"true", "false", "true", "true", "!"}));
    EXPECT_EQ(values({"1", "007", "NA"}, {}, {{"v", "string"}}), (Values{"\"1\"", "\"007\"", ""}));
    EXPECT_EQ(values({"007", "8", "x"}, {}, {{"v", "double"}}), (Values{"7", "8", "!"}));
    EXPECT_EQ(values({R"({"a": 1})", "x"}, {}, {{"v", "json"}}), (Values{R"({"a": 1})", "!"}));
    CsvOptions options;
    options.types = {{"v", "double"}};
    EXPECT_EQ(values({"1", "2"}, options), (Values{"1.0", "2.0"}));
    EXPECT_THROW(values({"1"}, options, {{"v", "string"}}), CommandError);
    options.types = {{"w", "double"}};
    EXPECT_THROW(values({"1"}, options), CommandError);
    options.types.clear();
    options.strings = {"V "};
    EXPECT_EQ(values({"1", "2"}, options), (Values{"\"1\"", "\"2\""}));
    EXPECT_THROW(values({"1"}, options, {{"v", "int"}}), CommandError);
    options.strings.clear();
    options.cells.no_value = {"-999"};
    EXPECT_EQ(values({"-999", "5", "6"}, options), (Values{"", "5", "6"}));
}

// Goal: 21,5 is neither 215 nor a text that the user did not ask for.
TEST(CsvMapping, UnclearCommasAreRefusedBeforeTheFirstRow) {
    CsvOptions options;
    options.delimiter = ';';
    EXPECT_THROW(values({"21,5", "22"}, options), CommandError);
    EXPECT_THROW(values({"1,234", "22"}, options), CommandError);
    options.cells.decimal_comma = true;
    EXPECT_EQ(values({"21,5", "1.022"}, options), (Values{"21.5", "1022.0"}));
    EXPECT_THROW(values({"21.5"}, options), CommandError);
    options.cells.decimal_comma = false;
    options.strings = {"v"};
    EXPECT_EQ(values({"21,5"}, options), (Values{"\"21,5\""}));
}

std::string refusal(const Header& header, const CsvOptions& options) {
    try {
        CsvMapping(header, options);
    } catch (const CommandError& error) {
        return error.what();
    }
    return "none";
}

TEST(CsvMapping, ColumnsThatFallOnOneAnotherAreRefused) {
    const auto said = [](const std::string& refused, std::string_view word) {
        return refused.find(word) != std::string::npos;
    };
    EXPECT_TRUE(said(refusal({"entity", "v", "v"}, {}), "columns 2 and 3"));
    EXPECT_EQ(refusal({"entity", "", ""}, {}), "none");
    CsvOptions options;
    options.attributes = {"w"};
    EXPECT_EQ(refusal({"entity", "v", "v", "w"}, options), "none");
    options.attributes = {"v"};
    EXPECT_TRUE(said(refusal({"entity", "v", "v"}, options), "both named"));
    options.attributes.clear();
    options.names = {{"a", "x"}, {"b", "x"}};
    EXPECT_TRUE(said(refusal({"entity", "a", "b"}, options), "\"x\""));
    options.names = {{"a", "b"}};
    EXPECT_TRUE(said(refusal({"entity", "a", "b"}, options), "--map"));
    options.names = {{"entity", "x"}};
    EXPECT_TRUE(said(refusal({"entity", "a"}, options), "becomes no attribute"));
    options.names = {{"b", "x"}};
    options.attributes = {"a"};
    EXPECT_TRUE(said(refusal({"entity", "a", "b"}, options), "becomes no attribute"));
    options.attributes.clear();
    options.names = {{"nowhere", "x"}};
    EXPECT_TRUE(said(refusal({"entity", "a"}, options), "nowhere"));
    options.names.clear();
    options.strings = {"nowhere"};
    EXPECT_TRUE(said(refusal({"entity", "a"}, options), "nowhere"));
    options.strings.clear();
    options.entity = "e";
    EXPECT_TRUE(said(refusal({"e;a"}, options), "--delimiter ';'"));
    EXPECT_TRUE(said(refusal({"entity;at;v in m", "s;w"}, options), "--delimiter ';'"));
    EXPECT_FALSE(said(refusal({"a;b", "c", "d"}, options), "--delimiter"));
}

TEST(CsvMapping, LeavesOutColumnsWithoutAName) {
    CsvMapping mapping({"", "entity", "v"}, {});
    std::string line;
    EXPECT_EQ(mapping.append({"0", "e", "5"}, kAt, line), nullptr);
    EXPECT_NE(line.find("\"attributes\":{\"v\":5}"), std::string::npos);
    EXPECT_EQ(mapping.notes({"", "entity", "v"}).size(), 1U);
    CsvMapping several({"", "entity", "v", "", ""}, {});
    EXPECT_EQ(
        several.notes({"", "entity", "v", "", ""}),
        (Values{"columns 1, 4, 5 of 5 have no names and are left out; --columns names them"}));
}

TEST(CsvMapping, GivesAllRecordsOneEntity) {
    CsvOptions options;
    options.entity_value = "boiler";
    options.type = "heating";
    EXPECT_EQ(map({"at", "v"}, {"2026-11-20T09:00:00Z", "5"}, options),
              R"({"entity":"boiler","type":"heating","at":"2026-11-21T10:00:00.000000Z",)"
              R"("attributes":{"v":5}})"
              "\n");
}

// The notes on a column with these cells, joined.
std::string notes(const std::vector<std::string_view>& cells, const CsvOptions& options = {},
                  const KnownTypes& known = {}) {
    CsvMapping mapping({"entity", "v"}, options, known);
    for (std::size_t i = 0; i < cells.size(); ++i) mapping.look({"e", cells[i]}, i + 2);
    mapping.decide();
    std::string out;
    for (const auto& note : mapping.notes({"entity", "v"})) out += note + ";";
    return out;
}

// Goal: a note says what will happen, with the cell that shows it.
TEST(CsvMapping, NotesAreTrue) {
    CsvOptions options;
    options.types = {{"v", "bool"}};
    EXPECT_EQ(notes({"yes", "no", "1", "0", "on"}, options), "");
    EXPECT_EQ(notes({"yes", "2"}, {}, {{"v", "bool"}}),
              "v: 1 of the first 2 values do not read as bool and will be rejected, the first in "
              "line 3: 2;");
    options.types = {{"v", "double"}};
    EXPECT_EQ(notes({"1", "1,5", "x"}, options),
              "v: 2 of the first 3 values do not read as double and will be rejected, the first in "
              "line 3: 1,5;");
    EXPECT_EQ(notes({"1", "2", "3", "low", "high"}),
              "v: becomes a string because 2 of the first 5 values are no numbers, the first in "
              "line 5: low; --attribute-type v=double rejects those instead;");
    EXPECT_EQ(notes({"1", "low", "high"}), "");
    EXPECT_EQ(notes({"1", "2", "low"}, {}, {{"v", "string"}}), "");
}

// Goal: thousands with a point are not taken for fractions without a word.
TEST(CsvMapping, PointsBeforeThreeDigitsAreNoted) {
    CsvOptions options;
    options.delimiter = ';';
    EXPECT_NE(notes({"999", "12.345"}, options).find("numbers such as 12.345"), std::string::npos);
    EXPECT_EQ(notes({"999", "12.345", "1.5"}, options), "");
    EXPECT_EQ(notes({"0.345", "0.999"}, options), "");
    EXPECT_EQ(notes({"12.345"}), "");
    EXPECT_THROW(notes({"12.345", "1.234.567"}, options), CommandError);
    options.cells.decimal_comma = true;
    EXPECT_EQ(notes({"999", "12.345"}, options), "");
}

// Goal: in long files each attribute has a type of its own.
TEST(CsvMapping, LongFilesHaveATypeForEachName) {
    CsvOptions options;
    options.name_column = "n";
    options.value_column = "v";
    CsvMapping mapping({"entity", "n", "v"}, options, {{"known", "string"}});
    const std::vector<std::vector<std::string_view>> rows = {
        {"e", "t", "NA"},  {"e", "t", "21"},    {"e", "on", "TRUE"}, {"e", "known", "5"},
        {"e", "t", "2.5"}, {"e", "on", "bad!"}, {"e", "late", "7"}};
    for (std::size_t i = 0; i < 5; ++i) mapping.look(rows[i], i);
    mapping.decide();
    std::string found;
    for (const auto& row : rows) {
        std::string line;
        EXPECT_EQ(mapping.append(row, kAt, line), nullptr);
        if (mapping.is_void()) line = "{}}\n";
        found += line.substr(line.rfind('{'), line.rfind("}}") - line.rfind('{')) + ";";
    }
    EXPECT_EQ(found, R"({;{"t":21.0;{"on":true;{"known":"5";{"t":2.5;{;{"late":7;)");
}

TEST(CsvMapping, RefusesRecordsThatAreNone) {
    EXPECT_TRUE(map({"entity", "v"}, {"e"}).starts_with("refused: "));
    EXPECT_THROW(map({"a", "b"}, {"1", "2"}), CommandError);
}

}  // namespace
}  // namespace atlas::cli
