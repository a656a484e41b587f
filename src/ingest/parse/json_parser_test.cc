// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/json_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>

namespace atlas::ingest {
namespace {

constexpr Time kNow = time_from_micros(1'795'000'000'000'000);

std::string shown(const Batch& batch, const Point& point) {
    switch (point.kind) {
        case Kind::null: return "null";
        case Kind::int64: return fmt::format("i{}", static_cast<std::int64_t>(point.payload));
        case Kind::float64: return fmt::format("d{}", std::bit_cast<double>(point.payload));
        case Kind::big: return fmt::format("b{}", batch.text({point.raw, point.raw_length}));
        case Kind::boolean: return point.payload != 0 ? "true" : "false";
        case Kind::string: return fmt::format("'{}'", batch.text(unpack_text(point.payload)));
        case Kind::json: return fmt::format("j{}", batch.text(unpack_text(point.payload)));
    }
    return "?";
}

// One body, parsed; the result is a text, so that a test reads like the protocol:
// "entity@millis name=value …; …" then " | index code attribute" per error.
class JsonParserTest : public ::testing::Test {
protected:
    std::string read(std::string body, bool ndjson = false) {
        Batch batch(std::move(body));
        const ParseContext context{kNow, kNow + kMaxAhead, oldest_};
        if (ndjson) {
            parser_.parse_ndjson(batch, context);
        } else if (!parser_.parse_json(batch, context)) {
            return "unreadable";
        }
        std::string out;
        for (const Observation& item : batch.observations()) {
            out +=
                fmt::format("{}@{}", batch.text(item.entity), to_micros(item.observed_at) / 1000);
            for (const Point& point : batch.points(item)) {
                out += fmt::format(" {}={}", batch.name(point.name), shown(batch, point));
            }
            out += ";";
        }
        for (const ItemError& error : batch.errors()) {
            out += fmt::format(" | {} {} {}", error.index, to_string(error.code), error.attribute);
        }
        return out;
    }
    std::string value(std::string_view json) {
        const std::string out =
            read(fmt::format(R"({{"entity": "e", "at": 1, "attributes": {{"x": {}}}}})", json));
        return out.starts_with("e@1 x=") ? out.substr(6, out.size() - 7) : out;
    }

    // The instant that an item is given by its member at, in microseconds, or its error.
    std::string instant(std::string_view member) {
        const ParseContext context{kNow, kNow + kMaxAhead, oldest_};
        Batch batch(fmt::format(R"({{"entity": "e"{}, "attributes": {{"x": 1}}}})", member));
        if (!parser_.parse_json(batch, context)) return "unreadable";
        if (!batch.errors().empty()) return std::string(to_string(batch.errors()[0].code));
        return std::to_string(to_micros(batch.observations()[0].observed_at));
    }

    std::optional<Time> oldest_;
    JsonParser parser_;
};

TEST_F(JsonParserTest, ValuesKeepTheirKindAndDigits) {
    EXPECT_EQ(value("1"), "i1");
    EXPECT_EQ(value("-9223372036854775808"), "i-9223372036854775808");
    EXPECT_EQ(value("9223372036854775808"), "b9223372036854775808");
    EXPECT_EQ(value("1.0"), "d1");
    EXPECT_EQ(value("1e3"), "d1000");
    EXPECT_EQ(value("1e400"), "b1e400");
    EXPECT_EQ(value("true"), "true");
    EXPECT_EQ(value("null"), "null");
    EXPECT_EQ(value(R"("a\"\u00e9\n")"), "'a\"é\n'");
    EXPECT_EQ(value(R"( [1, {"a": "b"} ] )"), R"(j[1, {"a": "b"} ])");
}

// Goal: what only looks like a value makes the body unreadable, and nothing else happens.
TEST_F(JsonParserTest, MalformedValuesMakeTheBodyUnreadable) {
    for (const char* json :
         {"nul",      "nulll", "tru",       "truee",       "fals",        "01",
          "1.",       ".5",    "+1",        "-",           "1e",          "0x10",
          "NaNs",     "\"a",   "\"a\x01\"", R"("\x")",     R"("\ud800")", "[1",
          "{\"a\":}", "",      "1 2",       "\"a\" \"b\"", "\"\xff\"",    R"({"a": "\ud800"})"}) {
        EXPECT_EQ(value(json), "unreadable") << json;
    }
}

// Goal: a lone surrogate never becomes a value, be it a text or inside JSON: it is no UTF-8, and
// PostgreSQL refuses it.
TEST_F(JsonParserTest, LoneSurrogatesAreRefused) {
    for (const char* json : {R"("\ud800")", R"("\udc00")", R"("a\udfff")", R"("\udc00\ud800")",
                             R"({"a": "\udc00"})", R"(["\udbff\ud800"])", R"({"\udfff": 1})"}) {
        const std::string out = value(json);
        EXPECT_TRUE(out == "unreadable" || out == " | 0 not_representable x")
            << json << ": " << out;
    }
    EXPECT_EQ(value(R"("\ud83d\ude00")"), "'😀'");
}

TEST_F(JsonParserTest, OnlyARealNulCharacterIsRefusedInsideJson) {
    EXPECT_EQ(value(R"({"a": "\u0000"})"), " | 0 not_representable x");
    EXPECT_EQ(value(R"({"a": "\\u0000"})"), R"(j{"a": "\\u0000"})");
    EXPECT_EQ(value(R"({"a": "\\\u0000"})"), " | 0 not_representable x");
}

// Goal: the words that Python's json writes for no number cost their data point, wherever they are,
// and nothing else.
TEST_F(JsonParserTest, NaNAndInfinityCostTheirDataPoint) {
    for (const std::string word : {"NaN", "Infinity", "-Infinity"}) {
        EXPECT_EQ(value(word), " | 0 not_representable x") << word;
        EXPECT_EQ(value("[1, {\"b\": " + word + "}]"), " | 0 not_representable x") << word;
        EXPECT_EQ(value("-" + word + "x"), "unreadable") << word;
        EXPECT_EQ(value("\"\\\"" + word + "\""), "'\"" + word + "'");
        const std::string item = R"({"entity": "e", "at": 1, "attributes": {"x":)" + word +
                                 R"(,"y": 2, "z": ": NaN,"}})";
        const std::string other = R"({"entity": "f", "at": 1, "attributes": {"y": 0}})";
        const std::string kept = "e@1 y=i2 z=': NaN,'; | 0 not_representable x";
        EXPECT_EQ(read(item), kept);
        EXPECT_EQ(read("[" + other + "," + item + "," + other + "]"),
                  "f@1 y=i0;e@1 y=i2 z=': NaN,';f@1 y=i0; | 1 not_representable x");
        EXPECT_EQ(read(item + "\n" + other, true),
                  "e@1 y=i2 z=': NaN,';f@1 y=i0; | 0 not_representable x");
        EXPECT_EQ(instant(", \"at\": " + word), "invalid_time");
        EXPECT_EQ(read("{\"entity\": \"e\", " + word + ": 1}"), "unreadable");
    }
    Batch batch(R"({"entity": "e", "attributes": {"x": -Infinity}})");
    ASSERT_TRUE(parser_.parse_json(batch, {kNow, kNow + kMaxAhead, oldest_}));
    EXPECT_EQ(batch.errors().at(0).detail, "-Infinity is not JSON and cannot be stored; send null");
    EXPECT_EQ(batch.rejected(), 1U);
}

TEST_F(JsonParserTest, ABadNameCostsItsDataPoint) {
    EXPECT_EQ(read(R"({"entity": "e", "at": 1, "attributes": {"": 1, "y": 2, "a\n": 3}})"),
              "e@1 y=i2; | 0 invalid_attribute_name  | 0 invalid_attribute_name a\n");
}

// Goal: a body that does not parse leaves nothing for the next one, which may be of
// another tenant.
TEST_F(JsonParserTest, AnUnreadableBodyLeavesNothingBehind) {
    EXPECT_EQ(read(R"({"entity": "e", "attributes": {"": 1, "y": }})"), "unreadable");
    EXPECT_EQ(read(R"({"entity": "f", "at": 1, "attributes": {"z": 1}})"), "f@1 z=i1;");
    EXPECT_EQ(read(R"({"entity": "e", "attributes": {"": 1, "y": }})", true), " | 0 invalid_json ");
    EXPECT_EQ(read(R"({"entity": "f", "at": 1, "attributes": {"z": 1}})"), "f@1 z=i1;");
}

TEST_F(JsonParserTest, ALineThatCannotBeReadCostsItself) {
    EXPECT_EQ(read("{\"entity\":\"a\",\"at\":1,\"attributes\":{\"x\":1}}\r\n"
                   "\n"
                   "{\"entity\":\"b\",\"at\":1,\"attributes\":{\"x\":nul}}\n"
                   "[]\n"
                   "{\"entity\":\"c\",\"at\":1,\"attributes\":{\"x\":2}} {}\n"
                   "{\"entity\":\"d\",\"at\":1,\"attributes\":{\"x\":\"\xff\"}}\n"
                   "{\"entity\":\"e\",\"at\":1,\"attributes\":{\"x\":3}}",
                   true),
              "a@1 x=i1;e@1 x=i3; | 1 invalid_json  | 2 invalid_json  | 3 invalid_json "
              " | 4 invalid_json ");
}

TEST_F(JsonParserTest, TheBodyIsOneObjectOrAnArray) {
    EXPECT_EQ(read("[]"), "");
    EXPECT_EQ(read("\xef\xbb\xbf[]"), "");
    EXPECT_EQ(read("[1, {\"entity\":\"a\",\"at\":1,\"attributes\":{\"x\":1}}]"),
              "a@1 x=i1; | 0 invalid_json ");
    for (const char* body : {"", " ", "1", "\"a\"", "null", "[", "{", "[{}", "[] []", "{} x",
                             "[{\"entity\":\"a\"},]", " \xef\xbb\xbf[]"}) {
        EXPECT_EQ(read(body), "unreadable") << body;
    }
}

// Goal: names of one item never pass for those of the next, whatever their place and length.
TEST_F(JsonParserTest, GuessedNamesAreChecked) {
    const std::string longest(255, 'n');
    const std::string too_long(300, 'n');
    EXPECT_EQ(read(fmt::format(R"([{{"entity":"a","at":1,"attributes":{{"{0}":1,"ab":1}}}},
                                   {{"entity":"a","at":1,"attributes":{{"{1}":1,"a":2}}}},
                                   {{"entity":"a","at":1,"attributes":{{"{0}":1,"a\u0062":3}}}}])",
                               longest, too_long)),
              fmt::format("a@1 {0}=i1 ab=i1;a@1 a=i2;a@1 {0}=i1 ab=i3; | 1 invalid_attribute_name "
                          "{0}",
                          longest));
}

TEST_F(JsonParserTest, TheInstantIsRfc3339OrMillisecondsOrArrival) {
    const std::string arrival = std::to_string(to_micros(kNow));
    EXPECT_EQ(instant(""), arrival);
    EXPECT_EQ(instant(R"(, "at": null)"), arrival);
    EXPECT_EQ(instant(R"(, "at": 1767225600123)"), "1767225600123000");
    EXPECT_EQ(instant(R"(, "at": -1)"), "-1000");
    EXPECT_EQ(instant(R"(, "at": "2026-01-01T01:00:00.1234567+01:00")"), "1767225600123456");
    EXPECT_EQ(instant(R"(, "at": "2026-01-01T00:00:00\u005A")"), "1767225600000000");
    for (const char* wrong :
         {"1.5", "1e3", "true", "{}", "[1]", "9223372036854775808", R"("")", R"("soon")",
          R"("2026-01-01T00:00:00")", R"("2026-13-01T00:00:00Z")", R"("1767225600123")"}) {
        EXPECT_EQ(instant(fmt::format(R"(, "at": {})", wrong)), "invalid_time") << wrong;
    }
    EXPECT_EQ(instant(R"(, "at": nul)"), "unreadable");
}

// Goal: the bounds themselves are taken, a millisecond beyond them is not.
TEST_F(JsonParserTest, TheInstantHasBounds) {
    const auto at = [this](Time time) {
        return instant(fmt::format(R"(, "at": {})", to_micros(time) / 1000));
    };
    const Time latest = kNow + kMaxAhead;
    EXPECT_EQ(at(latest), std::to_string(to_micros(latest)));
    EXPECT_EQ(at(latest + Micros{1000}), "time_out_of_range");
    EXPECT_EQ(instant(fmt::format(R"(, "at": "{}")", format_rfc3339(latest + Micros{1}))),
              "time_out_of_range");
    EXPECT_EQ(at(time_from_micros(0)), "0");
    oldest_ = kNow - std::chrono::hours{1};
    EXPECT_EQ(at(*oldest_), std::to_string(to_micros(*oldest_)));
    EXPECT_EQ(at(*oldest_ - Micros{1000}), "time_out_of_range");
    EXPECT_EQ(instant(""), std::to_string(to_micros(kNow)));
}

// Goal: an item without a usable entity costs itself, with the code that says what is wrong, and
// its neighbours are stored.
TEST_F(JsonParserTest, AnItemNeedsAnEntity) {
    const auto refused = [this](std::string_view members) {
        return read(fmt::format(R"([{{{} "at": 1, "attributes": {{"x": 1, "y": 2}}}},
                                    {{"entity": "e", "at": 1, "attributes": {{"x": 3}}}}])",
                                members));
    };
    EXPECT_EQ(refused(""), "e@1 x=i3; | 0 missing_entity ");
    for (const std::string& entity :
         {std::string(R"("")"), std::string("null"), std::string("7"), std::string(R"(["e"])"),
          std::string(R"("a\u0000")"), std::string(R"("a\u001fb")"), std::string(R"("a\u007f")"),
          '"' + std::string(1025, 'e') + '"'}) {
        EXPECT_EQ(refused("\"entity\": " + entity + ","), "e@1 x=i3; | 0 invalid_entity ")
            << entity;
    }
    const std::string longest(1024, 'e');
    EXPECT_EQ(refused("\"entity\": \"" + longest + "\","), longest + "@1 x=i1 y=i2;e@1 x=i3;");
}

TEST_F(JsonParserTest, DeepNestingIsRefused) {
    const std::string deep = std::string(5000, '[') + std::string(5000, ']');
    EXPECT_EQ(value(deep), "unreadable");
}

}  // namespace
}  // namespace atlas::ingest
