// SPDX-License-Identifier: Apache-2.0
#include "query/consistency_token.h"

#include <gtest/gtest.h>

#include "base/base64url.h"

namespace atlas::query {
namespace {

const ConsistencyToken kToken{.system = hash_of_system("7312345678901234567"),
                              .position = {.timeline = 0x80000001, .lsn = {0x16'B374'D848}}};

TEST(ConsistencyToken, ReadsBackWhatWasWritten) {
    const std::string text = encode_consistency_token(kToken);
    EXPECT_EQ(decode_consistency_token(text), kToken);
    EXPECT_EQ(text.size(), 35U);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_"),
              std::string::npos);
}

// Goal: clients keep tokens over an upgrade, so the bytes of version 1 never change.
TEST(ConsistencyToken, VersionOneIsFixed) {
    EXPECT_EQ(encode_consistency_token({.system = 1, .position = {.timeline = 2, .lsn = {3}}}),
              "AQAAAAAAAAABAQAAAAIAAAAAAAAAA1rzrJY");
}

// Goal: every cut and every changed character are refused, never read as another position.
TEST(ConsistencyToken, RefusesWhatIsDamaged) {
    const std::string text = encode_consistency_token(kToken);
    EXPECT_FALSE(decode_consistency_token(""));
    EXPECT_FALSE(decode_consistency_token(text + "A"));
    EXPECT_FALSE(decode_consistency_token(text + text));
    EXPECT_FALSE(decode_consistency_token(std::string(kMaxConsistencyTokenBytes + 1, 'A')));
    for (std::size_t i = 0; i < text.size(); ++i) {
        EXPECT_FALSE(decode_consistency_token(text.substr(0, i)));
        for (const char other : {'A', 'B', '_', '=', '\0'}) {
            std::string changed = text;
            if (changed[i] == other) continue;
            changed[i] = other;
            EXPECT_FALSE(decode_consistency_token(changed)) << i << other;
        }
    }
}

TEST(ConsistencyToken, SystemsDiffer) {
    EXPECT_NE(hash_of_system("7312345678901234567"), hash_of_system("7312345678901234568"));
}

}  // namespace
}  // namespace atlas::query
