// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/cell.h"

#include <gtest/gtest.h>

#include "cli/ingest/type_survey.h"

namespace atlas::cli {
namespace {

std::string number(std::string_view cell, const CellRules& rules = {}) {
    std::string out;
    return CellGrammar(rules).append_number(cell, out) == JsonNumber::none ? "none" : out;
}

CellType survey(std::initializer_list<std::string_view> cells) {
    const CellGrammar grammar{CellRules{}};
    TypeSurvey found;
    for (const auto cell : cells) found.add(grammar, cell, 1);
    return found.decide();
}

// Goal: a number as people and programs write it, with all its digits; never broken JSON.
TEST(Cells, ReadNumbersAsTheyAreWritten) {
    const std::pair<std::string_view, std::string_view> kCases[] = {
        {"21.5", "21.5"},
        {" 21.5", "21.5"},
        {"21.5\t ", "21.5"},
        {"\xC2\xA0"
         "7",
         "7"},
        {"+2.5", "2.5"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"5.", "5.0"},
        {"\xE2\x88\x92"
         "3",
         "-3"},
        {"007", "7"},
        {"-000.50", "-0.50"},
        {"1E5", "1E5"},
        {"+1.e+05", "1.0e+05"},
        {"1,234.5", "1234.5"},
        {"1,234,567", "1234567"},
        {"1'234.5", "1234.5"},
        {"9007199254740993", "9007199254740993"},
        {"0.10000000000000000001", "0.10000000000000000001"},
        {"-0", "-0"},
    };
    for (const auto& [cell, expected] : kCases) EXPECT_EQ(number(cell), expected) << cell;
    for (const auto* cell :
         {"", " ", "-", "+", ".", "1e", "e5", "0x10", "NaN", "inf", "1,234", "1,5", "12,34,567",
          "1,234.5,6", "1 2", "1_000", "12:00", "5 %", "--1"}) {
        EXPECT_EQ(number(cell), "none") << cell;
    }
}

TEST(Cells, ReadNumbersWithADecimalComma) {
    CellRules comma;
    comma.decimal_comma = true;
    const std::pair<std::string_view, std::string_view> kCases[] = {
        {"21,5", "21.5"},
        {"-,5", "-0.5"},
        {"1.234,5", "1234.5"},
        {"1.234", "1234"},
        {"1.234.567", "1234567"},
        {"1 234,5", "1234.5"},
        {"1\xC2\xA0"
         "234\xC2\xA0"
         "567,25",
         "1234567.25"},
        {"1\xE2\x80\xAF"
         "234",
         "1234"},
        {"1'234,5", "1234.5"},
        {"1,5E+03", "1.5e+03"},
        {"42", "42"},
    };
    for (const auto& [cell, expected] : kCases) EXPECT_EQ(number(cell, comma), expected) << cell;
    for (const auto* cell : {"21.5", "1.23,4", "1.2345", "1.234 567,0", "1,2,3"}) {
        EXPECT_EQ(number(cell, comma), "none") << cell;
    }
    CellRules thousands;
    thousands.thousands = ',';
    EXPECT_EQ(number("1,234", thousands), "1234");
    EXPECT_EQ(number("1'234", thousands), "none");
}

TEST(Cells, KnowTheWordsForNoValue) {
    const CellGrammar usual{CellRules{}};
    for (const auto* word : {"", " ", "NA", "N/A", "NaN", " nan ", "null", "NULL", "None", "-",
                             "\\N", "#N/A", "#DIV/0!", "#NV", "<NA>"}) {
        EXPECT_TRUE(usual.is_no_value(word, false, CellType::number)) << word;
        EXPECT_TRUE(usual.is_no_value(word, false, CellType::text)) << word;
    }
    EXPECT_TRUE(usual.is_no_value("NA", true, CellType::number));
    EXPECT_FALSE(usual.is_no_value("NA", true, CellType::text)) << "in quotes it is a text";
    for (const auto* word : {"Namibia", "nil", "0", "-1", "none of them"}) {
        EXPECT_FALSE(usual.is_no_value(word, false, CellType::text)) << word;
    }
    CellRules rules;
    rules.no_value = {"-999", "missing"};
    const CellGrammar own{rules};
    EXPECT_TRUE(own.is_no_value("-999", true, CellType::text));
    EXPECT_FALSE(own.is_no_value("NA", false, CellType::text));
}

TEST(Cells, ReadBooleansOfProgramsAndPeople) {
    const CellGrammar grammar{CellRules{}};
    for (const auto* word : {"true", "TRUE", "True", "t", "T", "yes", "Y", "on", "1", "WAHR"}) {
        EXPECT_EQ(grammar.truth(word), true) << word;
    }
    for (const auto* word : {"false", "FALSE", " False", "f", "no", "N", "off", "0", "FALSCH"}) {
        EXPECT_EQ(grammar.truth(word), false) << word;
    }
    for (const auto* word : {"", "2", "maybe", "tru"}) EXPECT_FALSE(grammar.truth(word)) << word;
}

TEST(Cells, TheFirstRowsDecideTheType) {
    EXPECT_EQ(survey({"NaN", "1", "2"}), CellType::integer);
    EXPECT_EQ(survey({"1", "2.5", ""}), CellType::number);
    EXPECT_EQ(survey({"inf", "2"}), CellType::number);
    EXPECT_EQ(survey({"TRUE", "FALSE", "NA"}), CellType::boolean);
    EXPECT_EQ(survey({"t", "f", ""}), CellType::boolean);
    EXPECT_EQ(survey({"t", "t"}), CellType::text) << "an initial";
    EXPECT_EQ(survey({"yes", "no"}), CellType::text);
    EXPECT_EQ(survey({"1", "0"}), CellType::integer);
    EXPECT_EQ(survey({"01234", "99999"}), CellType::text) << "a postcode";
    EXPECT_EQ(survey({"99999999999999999999", "1"}), CellType::text);
    EXPECT_EQ(survey({"1", "x"}), CellType::text);
    EXPECT_EQ(survey({"1", "2", "3", "4", "5", "6", "7", "8", "9", "err"}), CellType::integer);
    EXPECT_EQ(survey({"", "NA"}), CellType::undecided);
}

}  // namespace
}  // namespace atlas::cli
