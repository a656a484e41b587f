// SPDX-License-Identifier: Apache-2.0
#include "analytics/loader_points.h"

#include <gmock/gmock.h>

#include "analytics/test_changes.h"

namespace atlas::analytics {
namespace {

using Outcome = LoaderPoints::Outcome;
using ::testing::ElementsAre;

constexpr std::int64_t kAt = 1'760'000'000'123'456;

TestRow header(std::int64_t entity = 7) {
    TestRow row;
    row.int8(2).int8(entity).time(kAt).time(kAt + 1);
    return row;
}

class LoaderPointsTest : public ::testing::Test {
protected:
    LoaderPointsTest() {
        rows_.bind(relation_);
        TestRow ids;
        ids.int4s({11, 12, 13, 14, 15});
        shapes_.add(3, ids.cells()[0].bytes);
    }
    std::string text(std::size_t point) const {
        const std::size_t begin = point == 0 ? 0 : points_.text[point - 1];
        return points_.text_bytes.substr(begin, points_.text[point] - begin);
    }

    stream::Relation relation_ = observations_relation();
    LoaderShapes shapes_;
    LoaderPoints rows_{shapes_};
    Points points_;
};

TEST_F(LoaderPointsTest, ARowWithAShapeBecomesAPointPerAttribute) {
    TestRow row = header();
    row.int4(3)
        .null()
        .int8s({5})
        .doubles({1.5, std::nullopt})
        .decimals({{"12.50"}})
        .texts({{"up"}});
    ASSERT_EQ(rows_.append(row.cells(), points_), Outcome::added);
    EXPECT_THAT(points_.tenant, ElementsAre(2, 2, 2, 2, 2));
    EXPECT_THAT(points_.entity, ElementsAre(7, 7, 7, 7, 7));
    EXPECT_THAT(points_.observed_at, ElementsAre(kAt, kAt, kAt, kAt, kAt));
    EXPECT_THAT(points_.received_at, ::testing::Each(kAt + 1));
    EXPECT_THAT(points_.attribute, ElementsAre(11, 12, 13, 14, 15));
    EXPECT_THAT(points_.group, ElementsAre(0, 1, Points::kNoValue, 2, 3));
    EXPECT_EQ(points_.int_value[0], 5);
    EXPECT_EQ(points_.double_value[1], 1.5);
    EXPECT_EQ(text(3), "12.50");
    EXPECT_EQ(text(4), "up");
    EXPECT_EQ(points_.text_bytes, "12.50up");
}

TEST_F(LoaderPointsTest, ARowWithoutAShapeListsItsAttributes) {
    TestRow row = header();
    row.null().int4s({5, 9}).null().null().null().texts({std::nullopt, {"on"}});
    ASSERT_EQ(rows_.append(row.cells(), points_), Outcome::added);
    EXPECT_THAT(points_.attribute, ElementsAre(5, 9));
    EXPECT_THAT(points_.group, ElementsAre(Points::kNoValue, 3));
    EXPECT_EQ(text(0), "");
    EXPECT_EQ(text(1), "on");
}

TEST_F(LoaderPointsTest, TextsOfLaterRowsFollowThoseOfEarlierOnes) {
    for (const char* value : {"one", "two"}) {
        TestRow row = header();
        row.null().int4s({1, 2}).int8s({1}).null().null().texts({{value}});
        ASSERT_EQ(rows_.append(row.cells(), points_), Outcome::added);
    }
    EXPECT_EQ(text(1), "one");
    EXPECT_EQ(text(2), "");
    EXPECT_EQ(text(3), "two");
}

// As the view has it: an attribute without a place in the arrays has no value.
TEST_F(LoaderPointsTest, ArraysThatSayLessOrMoreThanTheAttributesAreReadAsTheViewDoes) {
    TestRow few = header();
    few.null().int4s({1, 2, 3}).int8s({4}).null().null().null();
    ASSERT_EQ(rows_.append(few.cells(), points_), Outcome::added);
    TestRow many = header();
    many.null().int4s({1}).int8s({4, 5}).doubles({1.0}).null().texts({{"x"}});
    ASSERT_EQ(rows_.append(many.cells(), points_), Outcome::added);
    TestRow none = header();
    none.null().null().int8s({4}).null().null().null();
    ASSERT_EQ(rows_.append(none.cells(), points_), Outcome::added);
    EXPECT_THAT(points_.attribute, ElementsAre(1, 2, 3, 1));
    EXPECT_THAT(points_.group, ElementsAre(0, Points::kNoValue, Points::kNoValue, 0));
    EXPECT_EQ(points_.text_bytes, "");
}

TEST_F(LoaderPointsTest, AnUnknownShapeIsNamed) {
    TestRow row = header();
    row.int4(44).null().int8s({5}).null().null().null();
    EXPECT_EQ(rows_.append(row.cells(), points_), Outcome::unknown_shape);
    EXPECT_EQ(rows_.missing_shape(), 44);
    EXPECT_EQ(points_.size(), 0U);
}

TEST_F(LoaderPointsTest, AnArrayThatTheLogLacksAddsNothing) {
    TestRow row = header();
    row.int4(3).null().int8s({5}).unchanged().null().null();
    EXPECT_EQ(rows_.append(row.cells(), points_), Outcome::unchanged);
    EXPECT_EQ(points_.size(), 0U);
}

// Goal: an array cut at any byte is refused, and leaves the columns as they were.
// Method: every proper prefix of each array, after a good row.
TEST_F(LoaderPointsTest, AnArrayCutAtAnyByteIsRefused) {
    TestRow good = header(1);
    good.null().int4s({1}).null().null().null().texts({{"kept"}});
    ASSERT_EQ(rows_.append(good.cells(), points_), Outcome::added);
    for (std::size_t cut = 0; cut < 4; ++cut) {
        TestRow whole;
        whole.int8s({5, 6}).doubles({1.5}).decimals({{"12.50"}}).texts({{"up"}});
        const std::string bytes(whole.cells()[cut].bytes);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            TestRow row = header(2);
            row.null().int4s({1, 2, 3, 4, 5});
            for (std::size_t group = 0; group < 4; ++group) {
                row.bytes(std::string(whole.cells()[group].bytes)
                              .substr(0, group == cut ? size : std::string::npos));
            }
            EXPECT_EQ(rows_.append(row.cells(), points_), Outcome::damaged) << cut << ' ' << size;
        }
    }
    EXPECT_THAT(points_.entity, ElementsAre(1));
    EXPECT_THAT(points_.text, ElementsAre(4));
    EXPECT_EQ(points_.text_bytes, "kept");
}

TEST_F(LoaderPointsTest, ColumnsAreFoundByName) {
    stream::Relation turned = relation_;
    turned.version = 2;
    std::ranges::reverse(turned.columns);
    ASSERT_TRUE(rows_.bind(turned));
    TestRow row;
    row.null().null().null().int8s({5}).int4s({1}).null().time(kAt).time(kAt).int8(9).int8(2);
    ASSERT_EQ(rows_.append(row.cells(), points_), Outcome::added);
    EXPECT_THAT(points_.entity, ElementsAre(9));
    turned.version = 3;
    turned.columns.pop_back();
    EXPECT_FALSE(rows_.bind(turned));
    EXPECT_FALSE(rows_.key(row.cells()));
}

TEST_F(LoaderPointsTest, RowsThatAreNotKeptLeaveNoTrace) {
    std::vector<std::uint32_t> ends;
    for (const char* value : {"a", "bb", "ccc", "dddd"}) {
        TestRow row = header(static_cast<std::int64_t>(ends.size()));
        row.null().int4s({1, 2}).null().doubles({0.5}).null().texts({{value}});
        ASSERT_EQ(rows_.append(row.cells(), points_), Outcome::added);
        ends.push_back(static_cast<std::uint32_t>(points_.size()));
    }
    keep_rows(points_, ends, {false, true, false, true});
    EXPECT_THAT(points_.entity, ElementsAre(1, 1, 3, 3));
    EXPECT_THAT(ends, ElementsAre(2, 4));
    EXPECT_EQ(points_.text_bytes, "bbdddd");
    EXPECT_EQ(text(1), "bb");
    EXPECT_EQ(text(3), "dddd");
}

}  // namespace
}  // namespace atlas::analytics
