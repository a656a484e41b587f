// SPDX-License-Identifier: Apache-2.0
#include "query/exact.h"

#include <gtest/gtest.h>

#include "query/aggregate.h"
#include "query/order.h"

namespace atlas::query {
namespace {

std::string round_trip(std::string_view text) {
    const auto exact = Exact::parse(text);
    return exact ? exact->text() : "refused";
}

TEST(Exact, KeepsDigits) {
    for (const std::string text : {"0", "-1", "12.50", "0.001", "-0.5", "0.00",
                                   "99999999999999999999999999999999999999.0000000001"}) {
        EXPECT_EQ(round_trip(text), text);
    }
    EXPECT_EQ(round_trip("007"), "7");
    for (const std::string_view bad : {"", ".", "1e5", "--1", "1.2.3", "NaN"}) {
        EXPECT_EQ(round_trip(bad), "refused") << bad;
    }
}

TEST(Exact, AddsAndComparesAcrossScales) {
    Exact sum = *Exact::parse("0.1");
    sum += *Exact::parse("0.20");
    EXPECT_EQ(sum.text(), "0.30");
    EXPECT_EQ(sum.compare(*Exact::parse("0.3")), std::strong_ordering::equal);
    EXPECT_EQ(Exact::parse("-2")->compare(*Exact::parse("-1.999")), std::strong_ordering::less);
    EXPECT_EQ(Exact(std::int64_t{-7}).text(), "-7");
}

TEST(Exact, DividesWithHalvesAwayFromZero) {
    EXPECT_EQ(Exact::parse("1")->divided(3).text(), "0.3333333333333333");
    EXPECT_EQ(Exact::parse("-2")->divided(3).text(), "-0.6666666666666667");
    EXPECT_EQ(Exact::parse("10.50")->divided(2).text(), "5.25");
    EXPECT_EQ(Exact::parse("0.0000000000000001")->divided(2).text(), "0.0000000000000001");
}

TEST(Exact, InterpolatesByHundredths) {
    EXPECT_EQ(Exact::parse("1")->interpolated(*Exact::parse("2"), 50).text(), "1.5");
    EXPECT_EQ(Exact::parse("-1.5")->interpolated(*Exact::parse("1"), 5).text(), "-1.375");
    EXPECT_EQ(Exact::parse("1.50")->interpolated(*Exact::parse("9"), 0).text(), "1.50");
}

model::Value of(std::int64_t number) {
    model::Value value;
    value.integer = number;
    return value;
}

std::string aggregated(model::Type type, const std::vector<std::int64_t>& numbers,
                       Aggregate aggregate) {
    const auto accumulator = make_accumulator(type, {aggregate});
    int at = 0;
    for (const std::int64_t number : numbers) accumulator->add(time_from_micros(at++), of(number));
    std::string out;
    accumulator->write(out, aggregate);
    return out;
}

TEST(Aggregate, IntsAreExact) {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(aggregated(model::Type::int64, {most, most, most}, Aggregate::sum),
              "27670116110564327421");
    EXPECT_EQ(aggregated(model::Type::int64, {5, 1, 3, 2}, Aggregate::p50), "2.5");
    EXPECT_EQ(aggregated(model::Type::int64, {5, 1, 3}, Aggregate::p50), "3");
    EXPECT_EQ(aggregated(model::Type::int64, {5, 1, 3}, Aggregate::p95), "4.8");
    EXPECT_EQ(aggregated(model::Type::int64, {1, 2}, Aggregate::avg), "1.5");
    EXPECT_EQ(aggregated(model::Type::int64, {4, 9, 2}, Aggregate::last), "2");
    EXPECT_EQ(aggregated(model::Type::float64, {4, 9, 2}, Aggregate::p99), "8.9");
}

model::Value of(double number) {
    model::Value value;
    value.group = model::Group::doubles;
    value.number = number;
    return value;
}

// Goal: rows that were written after the catalog was read, when an int had its first fraction, are
// counted as what they hold, in whatever order they come.
TEST(Aggregate, FractionsAmongIntsCount) {
    const std::vector<std::pair<Aggregate, std::string>> expected{
        {Aggregate::avg, "2.125"}, {Aggregate::min, "0.5"}, {Aggregate::max, "4"},
        {Aggregate::sum, "8.5"},   {Aggregate::count, "4"}, {Aggregate::first, "1"},
        {Aggregate::last, "4"},    {Aggregate::p50, "2"},
    };
    for (const auto& [aggregate, text] : expected) {
        const auto accumulator = make_accumulator(model::Type::int64, {aggregate});
        for (int round = 0; round < 2; ++round) {
            accumulator->clear();
            accumulator->add(time_from_micros(1), of(std::int64_t{1}));
            accumulator->add(time_from_micros(2), of(std::int64_t{3}));
            accumulator->add(time_from_micros(3), of(0.5));
            accumulator->add(time_from_micros(4), of(std::int64_t{4}));
            std::string out;
            accumulator->write(out, aggregate);
            EXPECT_EQ(out, text) << to_string(aggregate);
        }
    }
    const auto cleared = make_accumulator(model::Type::int64, {});
    cleared->add(time_from_micros(1), of(0.5));
    cleared->clear();
    cleared->add(time_from_micros(2), of(std::int64_t{9007199254740993}));
    std::string out;
    cleared->write(out, Aggregate::max);
    EXPECT_EQ(out, "9007199254740993");
}

TEST(Aggregate, WhatIsNoNumberIsNotCounted) {
    for (const model::Type type :
         {model::Type::int64, model::Type::float64, model::Type::decimal}) {
        const auto accumulator = make_accumulator(type, {Aggregate::p50});
        model::Value text;
        text.group = model::Group::texts;
        text.text = "7";
        accumulator->add(time_from_micros(1), text);
        EXPECT_EQ(accumulator->count(), 0);
    }
    const auto decimals = make_accumulator(model::Type::decimal, {});
    decimals->add(time_from_micros(1), of(std::int64_t{2}));
    decimals->add(time_from_micros(2), of(1e100));
    std::string out;
    decimals->write(out, Aggregate::max);
    EXPECT_EQ(out, "1e+100");
}

TEST(Aggregate, TextIsCountedOnly) {
    EXPECT_TRUE(applies(Aggregate::last, model::Type::string));
    EXPECT_FALSE(applies(Aggregate::avg, model::Type::string));
    EXPECT_TRUE(applies(Aggregate::max, model::Type::timestamp));
    EXPECT_FALSE(applies(Aggregate::sum, model::Type::boolean));
    EXPECT_EQ(parse_aggregate("p95"), Aggregate::p95);
    EXPECT_FALSE(parse_aggregate("median"));
}

TEST(Order, ReadsFieldsAndRefusesTheRest) {
    model::Attribute hot;
    hot.id = AttributeId{1};
    hot.name = "a b";
    hot.hot = true;
    const model::TenantCatalog catalog(kDefaultTenant, 1, 1, true, {hot});
    const auto bound = [&catalog](std::string_view text) {
        Order order = parse_order(text).value();
        EXPECT_TRUE(bind_order(order, catalog)) << text;
        return order;
    };
    EXPECT_EQ(canonical(bound("")), canonical(bound("updated_at desc")));
    EXPECT_EQ(bound(" entity desc , `a b` asc").size(), 2U);
    for (const std::string_view bad : {"entity down", "entity,", ",", "entity desc desc", "1+1"}) {
        EXPECT_FALSE(parse_order(bad)) << bad;
    }
    Order unknown = parse_order("nothing").value();
    EXPECT_EQ(bind_order(unknown, catalog).error().code, ErrorCode::unknown_attribute);
}

TEST(Names, AreListedOnce) {
    const auto names = parse_names("a, `b c`,a,ü", "attributes");
    ASSERT_TRUE(names);
    EXPECT_EQ(names->names, (std::vector<std::string>{"a", "b c", "ü"}));
    EXPECT_TRUE(parse_names("*", "attributes")->everything);
    EXPECT_FALSE(parse_names("a,,b", "attributes"));
    EXPECT_FALSE(parse_names("", "attributes"));
}

}  // namespace
}  // namespace atlas::query
