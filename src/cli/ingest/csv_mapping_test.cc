// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/csv_mapping.h"

#include <gtest/gtest.h>

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

// Goal: every digit arrives, and what is no JSON number becomes a string, never broken JSON.
TEST(CsvMapping, TellsNumbersFromStrings) {
    const std::vector<std::string> header{"entity", "v"};
    const auto value = [&](std::string_view cell) {
        const std::string line = map(header, {"e", cell});
        const auto begin = line.find("\"attributes\":{") + 14;
        return line.substr(begin, line.size() - begin - 3);
    };
    EXPECT_EQ(value("9007199254740993"), "\"v\":9007199254740993");
    EXPECT_EQ(value("0.10000000000000000001"), "\"v\":0.10000000000000000001");
    EXPECT_EQ(value("-0"), "\"v\":-0");
    EXPECT_EQ(value("true"), "\"v\":true");
    EXPECT_EQ(value(""), "");
    for (const auto* text :
         {"007", "+1", "1.", ".5", "1e", "-", "0x10", "NaN", "1,5", "TRUE", " 1"}) {
        EXPECT_EQ(value(text), "\"v\":\"" + std::string(text) + "\"");
    }
}

TEST(CsvMapping, RefusesRecordsThatAreNone) {
    EXPECT_TRUE(map({"entity", "v"}, {"e"}).starts_with("refused: "));
    EXPECT_THROW(map({"a", "b"}, {"1", "2"}), CommandError);
}

}  // namespace
}  // namespace atlas::cli
