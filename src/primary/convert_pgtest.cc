// SPDX-License-Identifier: Apache-2.0
//
// Goal: what the view shows of a retyped attribute and what the gateway reads of it are the same.
// Method: convert every value of every type to every other type by model::convert() and by
// atlas_convert(), and let PostgreSQL compare the results as JSON.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <ranges>

#include "model/convert.h"
#include "pg/connection.h"
#include "testing/test_cluster.h"

namespace atlas::primary {
namespace {

using model::Group;
using model::Type;

constexpr std::array kTypes{Type::int64,  Type::float64,   Type::decimal, Type::boolean,
                            Type::string, Type::timestamp, Type::json};

struct Stored {
    Type type;
    std::string literal;  // as SQL has it
};

// Separated by bars.
constexpr std::string_view kTexts =
    "| |21.5| +21.50 |.5|5.|.|1e3|1E+3|1e-3|-0|-0.00|007|1e400|1e-400|1e1000|1e|e5|1e+-5|--1|0x10|"
    "NaN|21,5|1 2|9223372036854775807|9223372036854775808|9007199254740993.5|true|TRUE| t |f|yes|"
    "1|0|2025-11-28T10:00:00Z|2025-11-28t10:00:00.1234567z|2025-11-28 10:00:00+01:30|"
    "2024-02-29T23:59:60Z|2025-02-29T00:00:00Z|2025-11-28T10:00:00|2025-11-28|"
    "0001-01-01T00:00:00+00:01|9999-12-31T23:59:59.999999Z|2025-11-28T24:00:00Z|"
    "2025-13-01T00:00:00Z|2025-11-28T10:00:00-24:00|größe";

std::vector<Stored> values() {
    std::vector<Stored> all;
    for (const char* digits :
         {"0", "1", "-1", "2", "9007199254740993", "9223372036854775807", "-9223372036854775808",
          "1764320400123", "253402300799999", "253402300800000"}) {
        all.push_back({Type::int64, digits});
        all.push_back({Type::float64, digits});  // an int that no double holds
    }
    for (const char* digits :
         {"0.0", "-0.0", "1.0", "0.1", "2.5", "1e-7", "5e-324", "1.5e15", "9007199254740994",
          "4611686018427387904", "-9223372036854775808", "9.2233720368547758e18", "9.3e18",
          "1.2345678901234568e20", "1e300"}) {
        all.push_back({Type::float64, std::string(digits) + "::float8"});
    }
    for (const char* digits : {"0.00", "1.00", "5.01", "-7.000", "123456789012345678901234567890",
                               "0.30", "9007199254740993.0", "9007199254740993.5", "1e400"}) {
        all.push_back({Type::decimal, std::string(digits) + "::numeric"});
    }
    all.push_back({Type::boolean, "0"});
    all.push_back({Type::boolean, "1"});
    for (const char* micros : {"0", "1764320400123000", "1764320400123001", "-62135596800000000",
                               "253402300799999999"}) {
        all.push_back({Type::timestamp, micros});
    }
    for (const auto text : std::views::split(kTexts, '|')) {
        all.push_back(
            {Type::string, fmt::format("'{}'::text", std::string_view(text.begin(), text.end()))});
    }
    all.push_back({Type::json, R"('{"a": [1]}'::text)"});
    return all;
}

// The value as the packed reader hands it on, read from the server so that no second parser of
// these literals is needed.
struct Read {
    model::Value value;
    std::string text;
};

Read read_value(pg::Connection& connection, const Stored& stored) {
    const auto rows = connection.exec(
        fmt::format("SELECT pg_typeof(v), v::text FROM (SELECT {} AS v) s", stored.literal));
    EXPECT_TRUE(rows) << rows.error().message;
    Read read{.value = {.text = {}}, .text = std::string(rows->text(0, 1))};
    const std::string_view kind = rows->text(0, 0);
    if (kind == "text") {
        read.value.group = Group::texts;
    } else if (kind == "double precision") {
        read.value.group = Group::doubles;
        read.value.number = std::strtod(read.text.c_str(), nullptr);
    } else if (kind == "numeric") {
        read.value.group = Group::decimals;
    } else {
        read.value.group = Group::ints;
        read.value.integer = std::stoll(read.text);
    }
    return read;
}

std::string call_of(const Stored& stored, const Read& read, Type to) {
    const auto argument = [&](Group group, const char* null) {
        return read.value.group == group ? stored.literal : std::string(null);
    };
    return fmt::format("public.atlas_convert('{}', '{}', {}, {}, {}, {})",
                       model::to_string(stored.type), model::to_string(to),
                       argument(Group::ints, "NULL::bigint"), argument(Group::doubles, "NULL"),
                       argument(Group::decimals, "NULL"), argument(Group::texts, "NULL"));
}

// Whether the columns of `c` are the JSON in $1; doubles have several spellings.
std::string equality(Type to) {
    const std::string as_json = fmt::format(
        "public.atlas_hot_json('{}', c.int_value, NULL, c.decimal_value, c.text_value) IS NOT "
        "DISTINCT FROM $1::jsonb",
        model::to_string(to));
    if (to != Type::float64) return as_json;
    return fmt::format(
        "CASE WHEN c.double_value IS NULL THEN {} ELSE c.double_value = "
        "$1::jsonb::float8 END",
        as_json);
}

TEST(Convert, TheDatabaseHasTheSameRules) {
    auto connection = pg::Connection::open(test::TestCluster::shared().make_database(), {}).value();
    int converted_values = 0;
    for (const Stored& stored : values()) {
        Read read = read_value(connection, stored);
        if (read.value.group == Group::texts || read.value.group == Group::decimals) {
            read.value.text = read.text;
        }
        for (const Type to : kTypes) {
            std::string scratch;
            const auto mine = model::convert(stored.type, to, read.value, scratch);
            std::string json;
            if (mine) model::append_value_json(json, to, *mine);
            pg::Params params;
            mine ? params.add(std::string_view(json)) : params.add(nullptr);
            const auto rows = connection.exec(fmt::format("SELECT c.absent, {}, c::text FROM {} c",
                                                          equality(to), call_of(stored, read, to)),
                                              params);
            ASSERT_TRUE(rows) << rows.error().message << call_of(stored, read, to);
            EXPECT_EQ(rows->boolean(0, 0), !mine)
                << call_of(stored, read, to) << " is " << rows->text(0, 2) << ", not " << json;
            EXPECT_TRUE(rows->boolean(0, 1))
                << call_of(stored, read, to) << " is " << rows->text(0, 2) << ", not " << json;
            if (mine) ++converted_values;
        }
    }
    EXPECT_GT(converted_values, 200);
}

}  // namespace
}  // namespace atlas::primary
