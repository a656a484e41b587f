// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/line_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <map>

namespace atlas::ingest {
namespace {

constexpr Time kNow = time_from_micros(1'795'000'000'000'000);

// One body, parsed; results are texts, so that a test reads like the protocol.
class Parsed {
public:
    explicit Parsed(std::string body, Precision precision = Precision::ns) : batch_(body) {
        ParseContext context{kNow, kNow + kMaxAhead, std::nullopt};
        context.max_value_bytes = 100;
        refused_ = parse_lines(batch_, precision, context);
    }

    std::size_t size() const { return batch_.observations().size(); }
    std::uint64_t refused() const { return refused_; }
    const std::vector<ItemError>& errors() { return batch_.errors(); }
    const Observation& row(std::size_t i = 0) const { return batch_.observations()[i]; }
    std::string entity(std::size_t i = 0) const { return std::string(batch_.text(row(i).entity)); }
    std::string type(std::size_t i = 0) const { return std::string(batch_.text(row(i).type)); }
    std::int64_t at(std::size_t i = 0) const { return to_micros(row(i).observed_at); }

    // name → value; tags as "tag:…".
    std::map<std::string, std::string> points(std::size_t i = 0) const {
        std::map<std::string, std::string> out;
        for (const Point& point : batch_.points(row(i))) {
            out[std::string(batch_.name(point.name))] = (point.tag ? "tag:" : "") + value(point);
        }
        return out;
    }

private:
    std::string value(const Point& point) const {
        switch (point.kind) {
            case Kind::int64:
                return fmt::format("int {}", std::bit_cast<std::int64_t>(point.payload));
            case Kind::float64: return fmt::format("{}", std::bit_cast<double>(point.payload));
            case Kind::boolean: return point.payload != 0 ? "true" : "false";
            case Kind::string:
                return fmt::format("\"{}\"", batch_.text(unpack_text(point.payload)));
            case Kind::big:
                return fmt::format("big {}", batch_.text({point.raw, point.raw_length}));
            case Kind::null:
            case Kind::json: break;
        }
        return "?";
    }

    Batch batch_;
    std::uint64_t refused_ = 0;
};

using Points = std::map<std::string, std::string>;

std::string value_of(const std::string& literal) {
    Parsed parsed("m value=" + literal + " 1");
    return parsed.size() == 1 ? parsed.points()["m"] : "refused";
}

TEST(LineParser, ReadsTheExampleOfTheDocumentation) {
    Parsed parsed(
        "myMeasurement,tag1=value1,tag2=value2 fieldKey=\"fieldValue\" 1556813561098000000");
    ASSERT_EQ(parsed.size(), 1U);
    EXPECT_EQ(parsed.entity(), "myMeasurement,tag1=value1,tag2=value2");
    EXPECT_EQ(parsed.type(), "myMeasurement");
    EXPECT_EQ(parsed.at(), 1556813561098000);
    EXPECT_EQ(parsed.points(), (Points{{"tag1", "tag:\"value1\""},
                                       {"tag2", "tag:\"value2\""},
                                       {"myMeasurement_fieldKey", "\"fieldValue\""}}));
    EXPECT_TRUE(parsed.row().tags_are_identity);
    EXPECT_EQ(parsed.row().line, 1U);
}

TEST(LineParser, TagEntityNamesTheEntityAndIsNoAttribute) {
    Parsed parsed("pump,site=berlin,entity=pump-7 value=4.2,cycles=17i\n");
    ASSERT_EQ(parsed.size(), 1U);
    EXPECT_EQ(parsed.entity(), "pump-7");
    EXPECT_EQ(parsed.type(), "pump");
    EXPECT_FALSE(parsed.row().tags_are_identity);
    EXPECT_NE(parsed.row().tags_hash, 0U);
    EXPECT_EQ(parsed.at(), to_micros(kNow));
    EXPECT_EQ(parsed.points(),
              (Points{{"site", "tag:\"berlin\""}, {"pump", "4.2"}, {"pump_cycles", "int 17"}}));
}

// Goal: a tag whose attribute is that of a field of its measurement stays in the key only, wherever
// in the body the field is; one of another measurement does not.
TEST(LineParser, ATagGivesWayToAFieldOfItsMeasurement) {
    Parsed parsed(
        "net,net_if=eth0,net_up=yes x=1\nnet,net_up=no if=5i\nother,net_if=eth1 x=1\nnet up=true");
    ASSERT_EQ(parsed.errors().size(), 0U);
    EXPECT_EQ(parsed.entity(), "net,net_if=eth0,net_up=yes");
    EXPECT_EQ(parsed.points(0), (Points{{"net_if", "tag:?"}, {"net_up", "tag:?"}, {"net_x", "1"}}));
    EXPECT_EQ(parsed.points(1), (Points{{"net_up", "tag:?"}, {"net_if", "int 5"}}));
    EXPECT_EQ(parsed.points(2), (Points{{"net_if", "tag:\"eth1\""}, {"other_x", "1"}}));
}

TEST(LineParser, ReadsEveryFormOfAFloat) {
    EXPECT_EQ(value_of("1"), "1");
    EXPECT_EQ(value_of("1.0"), "1");
    EXPECT_EQ(value_of("-1.5"), "-1.5");
    EXPECT_EQ(value_of("+1.5"), "1.5");
    EXPECT_EQ(value_of(".5"), "0.5");
    EXPECT_EQ(value_of("1."), "1");
    EXPECT_EQ(value_of("-1.234456e+78"), "-1.234456e+78");
    EXPECT_EQ(value_of("1E3"), "1000");
    EXPECT_EQ(value_of("007.50"), "7.5");
    EXPECT_EQ(value_of("-0"), "-0");
    EXPECT_EQ(value_of("4.9E-324"), "5e-324");
    EXPECT_EQ(value_of("0e-400"), "0");
    EXPECT_EQ(value_of("1e-400"), "big 1e-400");
    EXPECT_EQ(value_of("1e400"), "big 1e400");
    EXPECT_EQ(value_of("0.1"), "0.1");
}

TEST(LineParser, ReadsIntegersExactlyAndKeepsTheDigitsOfLargerOnes) {
    EXPECT_EQ(value_of("9223372036854775807i"), "int 9223372036854775807");
    EXPECT_EQ(value_of("-9223372036854775808i"), "int -9223372036854775808");
    EXPECT_EQ(value_of("9223372036854775808i"), "big 9223372036854775808");
    EXPECT_EQ(value_of("12u"), "int 12");
    EXPECT_EQ(value_of("18446744073709551615u"), "big 18446744073709551615");
}

// Goal: a decimal finds the digits in the grammar of JSON, however they were written.
TEST(LineParser, KeepsDigitsInTheGrammarOfJson) {
    for (const auto& [literal, digits] :
         std::map<std::string, std::string>{{"+1e999", "1e999"},
                                            {"1.e999", "1e999"},
                                            {"-.5e999", "-0.5e999"},
                                            {"007.50e999", "7.50e999"},
                                            {"-001e-999", "-1e-999"},
                                            {"00.1e-999", "0.1e-999"},
                                            {"00099999999999999999999i", "99999999999999999999"},
                                            {"100.e999", "100e999"}}) {
        EXPECT_EQ(value_of(literal), "big " + digits) << literal;
    }
}

TEST(LineParser, ReadsEveryFormOfABoolean) {
    for (const auto* yes : {"t", "T", "true", "True", "TRUE"}) EXPECT_EQ(value_of(yes), "true");
    for (const auto* no : {"f", "F", "false", "False", "FALSE"}) EXPECT_EQ(value_of(no), "false");
}

TEST(LineParser, RefusesWhatIsNoValue) {
    for (const auto* bad :
         {"",   "1..2", "1i5",    "1.5i", "-1u", "1e", "1e+",  "tRUE",  "yes", "--1",
          "1x", "'a'",  "\"a\"b", "i",    "-",   ".",  "0x10", "1_000", "+-1", "1=2"}) {
        EXPECT_EQ(value_of(bad), "refused") << bad;
    }
}

// Goal: words that printf and languages write for NaN and infinities, and spellings of numbers that
// the protocol does not have, cost their field and not its neighbours.
TEST(LineParser, AWordThatIsNoValueCostsItsField) {
    const auto code = [](const std::string& word) {
        Parsed parsed("m a=1,b=" + word + ",c=2 1000\nm d=3 2000");
        EXPECT_EQ(parsed.size(), 2U) << word;
        EXPECT_EQ(parsed.points(0), (Points{{"m_a", "1"}, {"m_c", "2"}})) << word;
        EXPECT_EQ(parsed.at(), 1) << word;
        EXPECT_TRUE(parsed.row().lossy) << word;
        EXPECT_EQ(parsed.errors().size(), 1U) << word;
        EXPECT_EQ(parsed.errors().at(0).attribute, "b") << word;
        return parsed.errors().at(0).code;
    };
    for (const std::string word : {"NaN",      "nan",      "NAN",   "nan(0x8000000000000)",
                                   "nan(ind)", "NAN(IND)", "sNaN",  "qnan",
                                   "NaN123",   "NaNQ",     "NaNS",  "snan(0x1)",
                                   "inf",      "Inf",      "INF",   "infinity",
                                   "Infinity", "INFINITY", "Inf32", "1.#INF",
                                   "1.#QNAN",  "1.#IND",   "1.#J",  "∞"}) {
        for (const std::string sign : {"", "+", "-"}) {
            EXPECT_EQ(code(sign + word), ItemCode::not_representable) << sign << word;
        }
    }
    for (const std::string word :
         {"0x1p+3", "0X1.8P-1", "0x10", "0b1",   "0o7",  "1_000", "1'000",
          "12n",    "1.5f",     "1.5L", "1.5d0", "1j",   "1/3",   "4503599627370496p-52",
          "1.0Inf", "--1",      "+-1",  "1e",    "1e+",  "1..2",  "1i5",
          "1.5i",   "-1u",      "null", "None",  "info", "nano",  "nan(",
          "truth"}) {
        EXPECT_EQ(code(word), ItemCode::invalid_line) << word;
    }
    EXPECT_EQ(code(std::string(4097, '1')), ItemCode::invalid_line);
}

// The examples of "special characters" in the documentation, and those of its tests.
TEST(LineParser, TakesEscapesAway) {
    Parsed measurement(R"(my\ Measurement\,a=b fieldKey="string value")");
    ASSERT_EQ(measurement.size(), 1U);
    EXPECT_EQ(measurement.type(), "my Measurement,a=b");
    EXPECT_EQ(measurement.entity(), R"(my\ Measurement\,a=b)");

    Parsed quotes(R"(myMeasurement fieldKey="\"string\" within a string")");
    EXPECT_EQ(quotes.points()["myMeasurement_fieldKey"], R"(""string" within a string")");

    Parsed tags(R"(myMeasurement,tag\ Key1=tag\ Value1,tag\,2=a\=b fieldKey=100)");
    EXPECT_EQ(tags.entity(), R"(myMeasurement,tag\ Key1=tag\ Value1,tag\,2=a\=b)");
    EXPECT_EQ(tags.points(), (Points{{"tag Key1", "tag:\"tag Value1\""},
                                     {"tag,2", "tag:\"a=b\""},
                                     {"myMeasurement_fieldKey", "100"}}));

    Parsed field(R"(m a\,b\=c\ d=1)");
    EXPECT_EQ(field.points(), (Points{{"m_a,b=c d", "1"}}));

    Parsed slashes(R"(m s="C:\path\\to\"x\"",t="\\")");
    EXPECT_EQ(slashes.points(), (Points{{"m_s", R"("C:\path\to"x"")"}, {"m_t", R"("\")"}}));

    Parsed lone(R"(m,path=C:\dir\x v=1)");
    EXPECT_EQ(lone.points()["path"], R"(tag:"C:\dir\x")");
}

TEST(LineParser, SpellsASeriesKeyInOneWay) {
    const Parsed sorted("cpu,a=1,b=2,c\\ d=3 v=1");
    const Parsed shuffled("cpu,c\\ d=3,b=2,a=1 v=2");
    EXPECT_EQ(sorted.entity(), "cpu,a=1,b=2,c\\ d=3");
    EXPECT_EQ(shuffled.entity(), sorted.entity());
    EXPECT_EQ(shuffled.row().tags_hash, sorted.row().tags_hash);
    const Parsed other("cpu,a=1,b=3,c\\ d=3 v=2");
    EXPECT_NE(other.row().tags_hash, sorted.row().tags_hash);
    // By bytes: capitals before small letters.
    EXPECT_EQ(Parsed("m,b=1,B=2,a=3 v=1").entity(), "m,B=2,a=3,b=1");
    EXPECT_EQ(Parsed("m v=1").row().tags_hash, 0U);
}

TEST(LineParser, TakesTimesInEveryPrecisionAndCutsThemToMicroseconds) {
    EXPECT_EQ(Parsed("m v=1 1556813561098765999").at(), 1556813561098765);
    EXPECT_EQ(Parsed("m v=1 -1").at(), -1);
    EXPECT_EQ(Parsed("m v=1 -1000").at(), -1);
    EXPECT_EQ(Parsed("m v=1 1556813561098765", Precision::us).at(), 1556813561098765);
    EXPECT_EQ(Parsed("m v=1 1556813561098", Precision::ms).at(), 1556813561098000);
    EXPECT_EQ(Parsed("m v=1 1556813561", Precision::s).at(), 1556813561000000);
    EXPECT_EQ(Parsed("m v=1 25946892", Precision::m).at(), 1556813520000000);
    EXPECT_EQ(Parsed("m v=1 432448", Precision::h).at(), 1556812800000000);
}

TEST(LineParser, RefusesTimesOutOfRange) {
    Parsed future("m v=1 1999999999999999999");
    ASSERT_EQ(future.errors().size(), 1U);
    EXPECT_EQ(future.errors()[0].code, ItemCode::time_out_of_range);
    EXPECT_EQ(Parsed("m v=1 9223372036854775807", Precision::h).errors()[0].code,
              ItemCode::time_out_of_range);
    for (const std::string_view time : {"17000000000000000000", "-92233720368547758070"}) {
        Parsed beyond("m v=1 " + std::string(time));
        EXPECT_EQ(beyond.errors()[0].code, ItemCode::time_out_of_range) << time;
        const bool early = time.starts_with('-');
        EXPECT_EQ(beyond.errors()[0].detail.find("earlier") != std::string::npos, early) << time;
    }
    EXPECT_EQ(Parsed("m v=1 17000000000000000000x").errors()[0].code, ItemCode::invalid_time);
    EXPECT_EQ(Parsed("m v=1 1.5").errors()[0].code, ItemCode::invalid_time);
    EXPECT_EQ(Parsed("m v=1 1 2").errors()[0].code, ItemCode::invalid_time);
}

TEST(LineParser, SkipsCommentsBlankLinesAndCarriageReturns) {
    Parsed parsed("# a comment\r\n\r\n  \n m v=1 1000\r\n#\nm v=2i 2000 \r\nm v=t\r\n");
    ASSERT_EQ(parsed.size(), 3U);
    EXPECT_EQ(parsed.refused(), 0U);
    EXPECT_EQ(parsed.row(0).line, 4U);
    EXPECT_EQ(parsed.row(1).line, 6U);
    EXPECT_EQ(parsed.at(1), 2);
    EXPECT_EQ(parsed.row(2).index, 2U);
    EXPECT_EQ(parsed.points(2)["m_v"], "true");
    EXPECT_EQ(Parsed("").size(), 0U);
    EXPECT_EQ(Parsed("# only\n#comments").refused(), 0U);
}

TEST(LineParser, KeepsLineFeedsInStrings) {
    Parsed parsed("m s=\"a\nb\" 1000\nm v=1");
    ASSERT_EQ(parsed.size(), 2U);
    EXPECT_EQ(parsed.points(0)["m_s"], "\"a\nb\"");
    EXPECT_EQ(parsed.row(1).line, 3U);
}

// Goal: one bad line costs itself, whatever is wrong with it.
TEST(LineParser, RefusesBadLinesAloneWithTheirNumbers) {
    const std::string bad[] = {
        "m",          "m ",          "m,v=1",        ",a=b v=1",    " ,a=b v=1",  "m,a v=1",
        "m,=b v=1",   "m,a=b=c v=1", "m v",          "m v=",        "m =1",       "m v=1,",
        "m v=1,,w=2", "m v=1,w",     "m v=1 x",      "m v=\"open",  "m v=\"a\"b", "m,a=b, v=1",
        "m v=1 \"",   "m\xFF v=1",   "m v=\"\xFF\"", "m,a=b\t v=1", "m 1000",
    };
    for (const std::string& line : bad) {
        Parsed parsed("a v=1\n" + line + "\nb v=2\n");
        ASSERT_EQ(parsed.errors().size(), 1U) << line;
        EXPECT_EQ(parsed.errors()[0].line, 2U) << line;
        EXPECT_EQ(parsed.errors()[0].index, 1U) << line;
        EXPECT_EQ(parsed.refused(), 1U) << line;
        ASSERT_EQ(parsed.size(), 2U) << line;
        EXPECT_EQ(parsed.type(1), "b") << line;
        EXPECT_EQ(parsed.row(1).line, 3U) << line;
    }
}

TEST(LineParser, ARefusedTagOrFieldCostsOnlyItself) {
    const std::string long_name(300, 'n');
    const std::string long_text(101, 't');
    Parsed parsed("m,a=,b=2,b=3," + long_name + "=x ok=1," + long_name + "=2,s=\"" + long_text +
                  "\",n=NaN,i=-Inf 1000\nm ok=2");
    ASSERT_EQ(parsed.size(), 2U);
    EXPECT_EQ(parsed.refused(), 0U);
    EXPECT_TRUE(parsed.row(0).lossy);
    EXPECT_FALSE(parsed.row(1).lossy);
    EXPECT_EQ(parsed.points(0), (Points{{"b", "tag:\"2\""}, {"m_ok", "1"}}));
    EXPECT_EQ(parsed.errors().size(), 7U);
    EXPECT_EQ(parsed.entity(0), "m,b=2," + long_name + "=x");
}

TEST(LineParser, ALineThatLosesAllItsFieldsIsRefused) {
    Parsed parsed("m,a=b v=NaN\nm,a=b v=1");
    EXPECT_EQ(parsed.size(), 1U);
    EXPECT_EQ(parsed.refused(), 1U);
    EXPECT_EQ(parsed.row(0).line, 2U);
}

TEST(LineParser, RefusesWhatNoEntityCanBeCalled) {
    EXPECT_EQ(Parsed("m,a=" + std::string(1100, 'x') + " v=1").errors()[0].code,
              ItemCode::invalid_entity);
    EXPECT_EQ(Parsed(std::string(101, 'm') + " v=1").errors()[0].code, ItemCode::invalid_line);
    EXPECT_EQ(Parsed(std::string("m v=\"a\0b\",w=1", 14)).errors()[0].code,
              ItemCode::not_representable);
    EXPECT_EQ(Parsed(std::string("m,t=a\0b v=1", 11)).size(), 0U);
}

// Goal: names resolved by guess are the right ones when lines change under the guess.
TEST(LineParser, MixedMeasurementsAndOrdersKeepTheirNames) {
    Parsed parsed("a x=1,y=2\nb x=3\na y=4,x=5\na z=6\nb y=7,x=8\na x=9,y=10,z=11");
    ASSERT_EQ(parsed.size(), 6U);
    EXPECT_EQ(parsed.points(0), (Points{{"a_x", "1"}, {"a_y", "2"}}));
    EXPECT_EQ(parsed.points(1), (Points{{"b_x", "3"}}));
    EXPECT_EQ(parsed.points(2), (Points{{"a_x", "5"}, {"a_y", "4"}}));
    EXPECT_EQ(parsed.points(3), (Points{{"a_z", "6"}}));
    EXPECT_EQ(parsed.points(4), (Points{{"b_x", "8"}, {"b_y", "7"}}));
    EXPECT_EQ(parsed.points(5), (Points{{"a_x", "9"}, {"a_y", "10"}, {"a_z", "11"}}));
}

TEST(LineParser, EveryPrefixOfALineIsReadOrRefusedWithoutReadingFurther) {
    const std::string line = R"(m\ x,a\=b=c\,d,e=f s="q\"\\",i=1i,f=-1.5e3,b=true 1000)";
    for (std::size_t length = 0; length <= line.size(); ++length) {
        Parsed parsed(line.substr(0, length));
        EXPECT_LE(parsed.size() + parsed.refused(), 1U) << length;
        if (length > 0) EXPECT_EQ(parsed.size() + parsed.refused(), 1U) << length;
    }
}

}  // namespace
}  // namespace atlas::ingest
