// SPDX-License-Identifier: Apache-2.0
#include "query/filter.h"

#include <gtest/gtest.h>

#include "query/filter_lexer.h"
#include "query/filter_sql.h"

namespace atlas::query {
namespace {

model::TenantCatalog catalog() {
    const auto attribute = [](int id, std::string name, model::Type type, bool hot) {
        model::Attribute made;
        made.id = AttributeId{id};
        made.name = std::move(name);
        made.type = type;
        made.hot = hot;
        return made;
    };
    return {kDefaultTenant,
            1,
            1,
            true,
            {attribute(1, "status", model::Type::string, true),
             attribute(2, "priority", model::Type::int64, true),
             attribute(3, "ratio", model::Type::float64, true),
             attribute(4, "price", model::Type::decimal, true),
             attribute(5, "enabled", model::Type::boolean, true),
             attribute(6, "since", model::Type::timestamp, true),
             attribute(7, "extra", model::Type::json, true),
             attribute(8, "pressure", model::Type::float64, false),
             attribute(9, "odd name", model::Type::string, true),
             attribute(10, "type", model::Type::int64, true),
             attribute(11, "größe", model::Type::int64, true)}};
}

// The tree in prefix form, for comparing shapes.
std::string shape(const Filter& filter) {
    switch (filter.kind) {
        case Filter::Kind::everything: return "*";
        case Filter::Kind::comparison: {
            const Comparison& c = filter.comparison;
            std::string out = c.name + "/" + std::to_string(static_cast<int>(c.op));
            for (const Literal& v : c.values) out += " " + v.text + (v.prefix ? "*" : "");
            return "[" + out + "]";
        }
        default: break;
    }
    std::string out = filter.kind == Filter::Kind::all_of   ? "(and"
                      : filter.kind == Filter::Kind::any_of ? "(or"
                                                            : "(not";
    for (const Filter& child : filter.children) out += " " + shape(child);
    return out + ")";
}

std::string parsed(std::string_view text) {
    auto filter = parse_filter(text);
    if (!filter) return "error at " + std::to_string(filter.error().position.value_or(999));
    if (auto bound = bind_filter(*filter, catalog()); !bound) {
        return std::string(to_string(bound.error().code)) + " at " +
               std::to_string(bound.error().position.value_or(999));
    }
    return shape(*filter);
}

TEST(Filter, GrammarOfTheContract) {
    EXPECT_EQ(parsed(""), "*");
    EXPECT_EQ(parsed("  \n "), "*");
    EXPECT_EQ(
        parsed(R"(status = "production" AND status = ("online" OR "standby") AND priority >= 8)"),
        "(and [status/0 production] [status/0 online standby] [priority/5 8])");
    EXPECT_EQ(parsed("NOT status:* OR -(priority<-4 OR priority>1e2)"),
              "(or (not [status/6]) (not (or [priority/2 -4] [priority/4 1e2])))");
    EXPECT_EQ(parsed("status='a\\'b'"), "[status/0 a'b]");
    EXPECT_EQ(parsed(R"(status="pump-*")"), "[status/0 pump-*]");
    EXPECT_EQ(parsed(R"(status!="pump\*")"), "[status/1 pump*]");
    EXPECT_EQ(parsed(R"(status:("a*" OR "b"))"), "[status/0 a* b]");
    EXPECT_EQ(parsed(R"(`odd name` = "x")"), "[odd name/0 x]");
    EXPECT_EQ(parsed("größe>=1"), "[größe/5 1]");
    EXPECT_EQ(parsed("((((priority=1))))"), "[priority/0 1]");
}

// Goal: what is looked up in the index is implied by the filter, and as much as there is of it.
TEST(Filter, IndexedPart) {
    const auto part = [](std::string_view text) {
        auto filter = parse_filter(text);
        EXPECT_TRUE(filter && bind_filter(*filter, catalog())) << text;
        return shape(indexed_part(*filter));
    };
    EXPECT_EQ(part(R"(status = "a" AND priority = (1 OR 2) AND priority >= 8)"),
              "(and [status/0 a] [priority/0 1 2])");
    EXPECT_EQ(part(R"(status = "a" OR priority = 1)"), "(or [status/0 a] [priority/0 1])");
    EXPECT_EQ(part(R"(priority > 1 AND (status = "a" OR (priority = 1 AND ratio < 2)))"),
              "(and (or [status/0 a] (and [priority/0 1])))");
    for (const std::string_view text :
         {"", "priority > 1", R"(status = "a*")", R"(status = ("a" OR "b*"))",
          R"(status = "a" OR priority > 1)", R"(NOT status = "a")", R"(status != "a")", "status:*",
          R"(entity = "a")"}) {
        EXPECT_EQ(part(text), "*") << text;
    }
}

TEST(Filter, BackquotedNameIsAlwaysAnAttribute) {
    EXPECT_EQ(parsed(R"(type = "pump")"), "[type/0 pump]");
    EXPECT_EQ(parsed("`type` = 5"), "[type/0 5]");
    EXPECT_EQ(parsed(R"(`type` = "pump")"), "invalid_filter at 9");
}

TEST(Filter, ErrorsNameThePlace) {
    EXPECT_EQ(parsed("status"), "error at 6");
    EXPECT_EQ(parsed("status = online"), "error at 9");
    EXPECT_EQ(parsed(R"(status = "a" and priority = 1)"), "error at 13");
    EXPECT_EQ(parsed("priority=1 AND priority=2 OR priority=3"), "error at 26");
    EXPECT_EQ(parsed("priority=1 OR priority=2 AND priority=3"), "error at 25");
    EXPECT_EQ(parsed("(priority=1"), "error at 11");
    EXPECT_EQ(parsed("priority=1)"), "error at 10");
    EXPECT_EQ(parsed("AND priority=1"), "error at 0");
    EXPECT_EQ(parsed(R"(status = "a*b")"), "error at 11");
    EXPECT_EQ(parsed(R"(status < "a*")"), "error at 9");
    EXPECT_EQ(parsed(R"(status = "open)"), "error at 9");
    EXPECT_EQ(parsed("priority = 007"), "error at 11");
    EXPECT_EQ(parsed("priority = 5x"), "error at 11");
    EXPECT_EQ(parsed(R"(priority != (1 OR 2))"), "error at 12");
    EXPECT_EQ(parsed("größe = x"), "error at 8");  // characters, not bytes
    EXPECT_EQ(parsed(R"(status = "\q")"), "error at 10");
    EXPECT_EQ(parsed(R"(status = "\u0000")"), "error at 10");
    EXPECT_EQ(parsed("NOT"), "error at 3");
    EXPECT_EQ(parsed("`status = 1"), "error at 0");
}

TEST(Filter, TypesAreChecked) {
    EXPECT_EQ(parsed(R"(priority = "8")"), "invalid_filter at 11");
    EXPECT_EQ(parsed("status = 8"), "invalid_filter at 9");
    EXPECT_EQ(parsed("enabled = 1"), "invalid_filter at 10");
    EXPECT_EQ(parsed("enabled < true"), "invalid_filter at 10");
    EXPECT_EQ(parsed("extra = 1"), "invalid_filter at 8");
    EXPECT_EQ(parsed("extra:*"), "[extra/6]");
    EXPECT_EQ(parsed(R"(since > "yesterday")"), "invalid_filter at 8");
    EXPECT_EQ(parsed("since > 1.5"), "invalid_filter at 8");
    EXPECT_EQ(parsed("since > 99999999999999999"), "invalid_filter at 8");
    EXPECT_EQ(parsed("since > 1763719200000"), "[since/4 1763719200000]");
    EXPECT_EQ(parsed("pressure > 1"), "attribute_not_hot at 0");
    EXPECT_EQ(parsed("priority = 1 AND nothing = 1"), "unknown_attribute at 17");
}

TEST(Filter, NumbersKeepTheirDigitsExceptForDoubles) {
    EXPECT_EQ(parsed("priority = 9007199254740993"), "[priority/0 9007199254740993]");
    EXPECT_EQ(parsed("price = 12.50"), "[price/0 12.50]");
    EXPECT_EQ(parsed("ratio = 0.1000000000000000055"), "[ratio/0 0.1]");
    EXPECT_EQ(parsed("ratio < 1e400"), "[ratio/2 1e400]");
}

TEST(Filter, BoundsHold) {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '(') + "priority=1" +
               std::string(static_cast<std::size_t>(depth), ')');
    };
    EXPECT_EQ(parsed(nested(kMaxFilterDepth - 1)), "[priority/0 1]");
    EXPECT_NE(parsed(nested(kMaxFilterDepth)).find("error"), std::string::npos);
    EXPECT_NE(parsed(nested(100'000)).find("error"), std::string::npos);
    std::string many = "priority = 1";
    for (int i = 1; i < kMaxFilterValues; ++i) many += " OR priority = 1";
    EXPECT_NE(parsed(many).find("(or"), std::string::npos);
    EXPECT_NE(parsed(many + " OR priority = 1").find("error"), std::string::npos);
    EXPECT_EQ(parsed("status = \"\xff\""), "error at 0");
}

TEST(Filter, Utf8IsJudgedStrictly) {
    EXPECT_TRUE(valid_utf8("aü€😀"));
    for (const std::string_view bad :
         {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
        EXPECT_FALSE(valid_utf8(bad));
    }
}

}  // namespace
}  // namespace atlas::query
