// SPDX-License-Identifier: Apache-2.0
#include "base/lsn.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

TEST(Lsn, IsWrittenAndReadAsPostgresqlDoes) {
    EXPECT_EQ(to_string(Lsn{0x16B374D848}), "16/B374D848");
    EXPECT_EQ(to_string(Lsn{0}), "0/0");
    EXPECT_EQ(parse_lsn("16/B374D848"), Lsn{0x16B374D848});
    EXPECT_EQ(parse_lsn("16/b374d848"), Lsn{0x16B374D848});
    EXPECT_EQ(parse_lsn("FFFFFFFF/FFFFFFFF"), Lsn{~std::uint64_t{0}});
    EXPECT_LT(*parse_lsn("1/0"), *parse_lsn("1/1"));
    EXPECT_LT(*parse_lsn("0/FFFFFFFF"), *parse_lsn("1/0"));
}

TEST(Lsn, AnythingElseIsRefused) {
    for (const char* text : {"", "/", "1/", "/1", "1", "1/2/3", "1/123456789", "123456789/1",
                             "-1/1", "1/-1", "0x1/1", "1/ 1", " 1/1", "1/1 ", "g/1"}) {
        EXPECT_FALSE(parse_lsn(text)) << text;
    }
}

}  // namespace
}  // namespace atlas
