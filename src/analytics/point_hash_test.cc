// SPDX-License-Identifier: Apache-2.0
#include "analytics/point_hash.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "model/attribute.h"

namespace atlas::analytics {
namespace {

// One point of tenant 1, entity 2, attribute 3, with what the change makes of it.
std::uint64_t hash(const std::function<void(Points&)>& change = [](Points&) {}) {
    Points points;
    points.tenant = {1};
    points.entity = {2};
    points.attribute = {3};
    points.observed_at = {1000};
    points.received_at = {1500};
    points.group = {static_cast<std::uint8_t>(model::Group::doubles)};
    points.int_value = {0};
    points.double_value = {2.5};
    points.text = {0};
    change(points);
    std::uint64_t found = 0;
    hash_points(points, [&](std::size_t, std::uint64_t one) { found = one; });
    return found;
}

std::uint64_t hash_text(model::Group group, const std::string& text) {
    return hash([&](Points& points) {
        points.group = {static_cast<std::uint8_t>(group)};
        points.double_value = {0};
        points.text_bytes = text;
        points.text = {static_cast<std::uint32_t>(text.size())};
    });
}

TEST(PointHash, DependsOnEveryPartOfAPoint) {
    EXPECT_EQ(hash(), hash());
    EXPECT_NE(hash(), hash([](Points& points) { points.tenant = {9}; }));
    EXPECT_NE(hash(), hash([](Points& points) { points.entity = {9}; }));
    EXPECT_NE(hash(), hash([](Points& points) { points.attribute = {9}; }));
    EXPECT_NE(hash(), hash([](Points& points) { points.observed_at = {9}; }));
    EXPECT_NE(hash(), hash([](Points& points) { points.received_at = {9}; }));
    EXPECT_NE(hash(), hash([](Points& points) { points.double_value = {9}; }));
    EXPECT_NE(hash(), hash([](Points& points) { points.group = {Points::kNoValue}; }));
    const auto double_of = [](double value) {
        return hash([value](Points& points) { points.double_value = {value}; });
    };
    EXPECT_NE(double_of(1.0), hash([](Points& points) {
                  points.group = {static_cast<std::uint8_t>(model::Group::ints)};
                  points.int_value = {std::bit_cast<std::int64_t>(1.0)};
              }));
}

TEST(PointHash, IsTheSameForWhatAStoreDoesNotTellApart) {
    EXPECT_EQ(hash_text(model::Group::decimals, "2.50"), hash_text(model::Group::texts, "2.50"));
    EXPECT_NE(hash_text(model::Group::decimals, "2.50"), hash_text(model::Group::texts, "2.5"));
    const auto with_bits = [](std::uint64_t bits) {
        return hash(
            [bits](Points& points) { points.double_value = {std::bit_cast<double>(bits)}; });
    };
    EXPECT_EQ(with_bits(0x7FF8000000000001), with_bits(0xFFF8000000000000));
    EXPECT_EQ(with_bits(0), with_bits(0x8000000000000000));
    EXPECT_EQ(hash([](Points& points) { points.received_at = {INT64_MAX}; }),
              hash([](Points& points) { points.received_at = points.observed_at; }));
}

TEST(PointHash, OfARowDependsOnEachCellAndItsPlace) {
    const auto row = [](std::vector<std::optional<std::string>> cells) {
        return hash_row({.table = stream::Table::entities, .cells = std::move(cells)});
    };
    EXPECT_EQ(row({"1", "a", std::nullopt}), row({"1", "a", std::nullopt}));
    EXPECT_NE(row({"1", "a", std::nullopt}), row({"1", std::nullopt, "a"}));
    EXPECT_NE(row({"1", "", "a"}), row({"1", std::nullopt, "a"}));
    EXPECT_NE(row({"1", "ab"}), row({"1a", "b"}));
}

TEST(Checksum, DoesNotDependOnTheOrder) {
    Checksum first;
    Checksum second;
    for (const std::uint64_t one : {7U, 8U, 8U}) first.add(one);
    for (const std::uint64_t one : {8U, 7U, 8U}) second.add(one);
    EXPECT_EQ(first, second);
    second.add(0);
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace atlas::analytics
