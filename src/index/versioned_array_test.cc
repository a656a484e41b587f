// SPDX-License-Identifier: Apache-2.0
#include "index/versioned_array.h"

#include <gtest/gtest.h>

namespace atlas::index {
namespace {

class VersionedArrayTest : public ::testing::Test {
protected:
    using Array = VersionedArray<int, 64, -1>;

    Write write(std::uint64_t version, bool in_place = false) {
        return {.version = version, .retired = retired_, .in_place = in_place};
    }

    Bytes bytes_;
    Retired retired_{bytes_};
    Array array_{bytes_};
};

// Goal: every version keeps what it showed, however many come after it.
TEST_F(VersionedArrayTest, EveryVersionShowsItsOwnElements) {
    constexpr std::size_t kRows = 200;
    Write first = write(1);
    array_.extend(kRows, first);
    for (std::size_t row = 0; row < kRows; ++row) array_.change(row, 0, first) = 1;
    EXPECT_EQ(first.copied, 0U);
    for (std::uint64_t version = 2; version < 10; ++version) {
        Write next = write(version);
        array_.change(version * 20, kRows, next) = static_cast<int>(version);
        array_.change(version * 20, kRows, next) += 100;
        EXPECT_GT(next.copied, 0U);
    }
    for (std::uint64_t version = 1; version < 10; ++version) {
        for (std::uint64_t changed = 2; changed < 10; ++changed) {
            const int expected = changed > version ? 1 : static_cast<int>(changed) + 100;
            EXPECT_EQ(array_.at(changed * 20, version), expected);
        }
    }
    const std::size_t all = bytes_.total();
    retired_.free(9);
    EXPECT_LT(bytes_.total(), all);
    EXPECT_TRUE(retired_.empty());
    EXPECT_EQ(array_.at(180, 9), 109);
}

TEST_F(VersionedArrayTest, InPlaceNothingIsCopied) {
    Write first = write(1);
    array_.extend(64, first);
    array_.change(5, 0, first) = 7;
    Write second = write(2, true);
    array_.change(5, 64, second) = 8;
    EXPECT_EQ(second.copied, 0U);
    EXPECT_TRUE(retired_.empty());
    EXPECT_EQ(array_.at(5, 2), 8);
    EXPECT_EQ(array_.at(6, 2), -1);
}

// Goal: an array of few elements is small, one of which nothing was written costs next to nothing,
// and both keep their elements as they grow.
TEST_F(VersionedArrayTest, GrowsWithItsElements) {
    Write one = write(1);
    array_.extend(1000, one);
    EXPECT_LT(bytes_.total(), 500U);
    EXPECT_EQ(array_.newest(999), -1);
    Array small(bytes_);
    const std::size_t before = bytes_.total();
    for (std::size_t row = 0; row < 300; ++row) {
        small.extend(row + 1, one);
        small.change(row, 0, one) = static_cast<int>(row);
        if (row == 0) EXPECT_LT(bytes_.total() - before, 200U);
    }
    for (std::size_t row = 0; row < 300; ++row) EXPECT_EQ(small.at(row, 1), static_cast<int>(row));
}

TEST_F(VersionedArrayTest, CountsWhatItFrees) {
    const std::size_t before = bytes_.total();
    {
        Array other(bytes_);
        Write one = write(1);
        other.extend(500, one);
        for (std::size_t row = 0; row < 500; ++row) other.change(row, 0, one) = 1;
        EXPECT_GT(bytes_.total(), before);
    }
    retired_.free(1);
    EXPECT_EQ(bytes_.total(), before);
}

}  // namespace
}  // namespace atlas::index
