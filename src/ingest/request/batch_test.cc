// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/batch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace atlas::ingest {
namespace {

TEST(Batch, TextsOfTheBodyAndOfTheArenaStayApart) {
    Batch batch("body");
    const TextRef whole = batch.refer(batch.body());
    const TextRef end = batch.refer(batch.body().substr(4));
    const TextRef kept = batch.keep("kept");
    const TextRef empty = batch.keep("");
    const TextRef last = batch.keep("last");
    EXPECT_EQ(batch.text(whole), "body");
    EXPECT_EQ(batch.text(end), "");
    EXPECT_EQ(batch.text(kept), "kept");
    EXPECT_EQ(batch.text(empty), "");
    EXPECT_EQ(batch.text(last), "last");
    EXPECT_EQ(unpack_text(pack(last)).offset, last.offset);
    EXPECT_EQ(unpack_text(pack(last)).length, last.length);
    Batch nothing("");
    EXPECT_EQ(nothing.text(nothing.keep("x")), "x");
}

TEST(Batch, AByteOrderMarkIsNoneOfTheBody) {
    EXPECT_EQ(Batch("\xEF\xBB\xBF{}").body(), "{}");
    EXPECT_EQ(Batch("\xEF\xBB\xBF").body(), "");
    EXPECT_EQ(Batch("\xEF\xBB").body(), "\xEF\xBB");
}

TEST(Batch, NamesHaveOneNumberWhereverTheyStand) {
    Batch batch("alpha beta alpha");
    const std::uint32_t alpha = batch.name_id(batch.body().substr(0, 5));
    const std::uint32_t beta = batch.name_id(batch.body().substr(6, 4));
    EXPECT_NE(alpha, beta);
    EXPECT_EQ(batch.name_id(batch.body().substr(11, 5)), alpha);
    EXPECT_EQ(batch.name_id("alpha"), alpha);
    EXPECT_EQ(batch.name_id("beta", alpha), beta);  // a wrong guess
    EXPECT_EQ(batch.name_id("beta", beta), beta);
    EXPECT_EQ(batch.name_id("beta", 1000), beta);
    EXPECT_EQ(batch.name(alpha), "alpha");
    EXPECT_EQ(batch.names(), 2U);
    // The table grows under many, and keeps their numbers.
    for (int i = 0; i < 1000; ++i) batch.name_id(fmt::format("name {}", i));
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(batch.name(batch.name_id(fmt::format("name {}", i))), fmt::format("name {}", i));
    }
    EXPECT_EQ(batch.names(), 1002U);
}

TEST(Batch, ErrorsAreCountedBeyondTheirLimit) {
    Batch batch("");
    for (std::uint32_t i = 0; i < kMaxItemErrors + 5; ++i) batch.refuse({i, 0, {}, {}, {}, {}}, 2);
    EXPECT_EQ(batch.rejected(), 2 * (kMaxItemErrors + 5));
    EXPECT_EQ(batch.errors().size(), kMaxItemErrors);
    EXPECT_TRUE(batch.errors_truncated());
}

}  // namespace
}  // namespace atlas::ingest
