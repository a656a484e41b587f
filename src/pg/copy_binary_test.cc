// SPDX-License-Identifier: Apache-2.0
#include "pg/copy_binary.h"

#include <gtest/gtest.h>

#include "pg/binary_result.h"

namespace atlas::pg {
namespace {

// The bytes of a numeric without the length in front, which must fit them.
std::string numeric(std::string_view text) {
    std::string out;
    if (!append_numeric(out, text)) return "refused";
    EXPECT_EQ(read_int4(out), static_cast<std::int32_t>(out.size() - 4)) << text;
    return out.substr(4);
}

std::string text_of(std::string_view cell) {
    std::string out;
    return append_numeric_text(out, cell) ? out : "refused";
}

TEST(Numeric, EveryDigitSurvives) {
    const std::string nines(200, '9');
    for (const std::string& text :
         {std::string("0"), std::string("0.00"), std::string("1"), std::string("-1"),
          std::string("10000"), std::string("9999.0001"), std::string("12345678.90"),
          std::string("-0.000012300"), std::string("100000000000000000000.5"), nines,
          nines + "." + nines}) {
        EXPECT_EQ(text_of(numeric(text)), text);
    }
}

TEST(Numeric, FormsOfOneNumberAreWrittenOut) {
    EXPECT_EQ(text_of(numeric("1.5e3")), "1500");
    EXPECT_EQ(text_of(numeric("1.5E-3")), "0.0015");
    EXPECT_EQ(text_of(numeric("+.5")), "0.5");
    EXPECT_EQ(text_of(numeric("5.")), "5");
    EXPECT_EQ(text_of(numeric("-0.0")), "0.0");
    EXPECT_EQ(text_of(numeric("00012e+4")), "120000");
}

TEST(Numeric, WhatIsNoDecimalIsRefused) {
    for (const char* text : {"", "-", ".", "1e", "1e+-5", "abc", "1.2.3", "NaN", "Infinity", " 1",
                             "1 ", "0x10", "1e200000", "1e-20000", "1e99999999999", "1_000"}) {
        std::string out = "before";
        EXPECT_FALSE(append_numeric(out, text)) << text;
        EXPECT_EQ(out, "before");
    }
}

// Goal: bytes cut anywhere are refused, never read as another number.
TEST(Numeric, CutBytesAreRefused) {
    const std::string whole = numeric("-12345678.90123");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(text_of(whole.substr(0, size)), "refused") << size;
    }
}

TEST(CopyWriter, ArraysReadBackWithTheirNulls) {
    std::string out;
    CopyWriter copy(out);
    copy.begin_array(kInt8Oid, 3).element_int8(-7).element_null().element_int8(1).end_array();
    ByteReader reader(out);
    const std::int32_t length = reader.int4();
    ArrayReader array(reader.bytes(length));
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(array.size(), 3);
    EXPECT_EQ(array.element_oid(), kInt8Oid);
    ASSERT_TRUE(array.next());
    EXPECT_EQ(array.int8(), -7);
    ASSERT_TRUE(array.next());
    EXPECT_TRUE(array.null());
    ASSERT_TRUE(array.next());
    EXPECT_FALSE(array.null());
    EXPECT_EQ(array.int8(), 1);
    EXPECT_FALSE(array.next());
    EXPECT_TRUE(array.good());
}

TEST(ArrayReader, CutBytesEndTheWalk) {
    std::string out;
    CopyWriter(out).begin_array(kInt8Oid, 2).element_int8(1).element_int8(2).end_array();
    for (std::size_t size = 4; size < out.size(); ++size) {
        ArrayReader array(std::string_view(out).substr(4, size - 4));
        while (array.next()) {
        }
        EXPECT_FALSE(array.good()) << size;
    }
}

TEST(ByteReader, ErrorSticks) {
    ByteReader reader(std::string_view("\0\1\2", 3));
    EXPECT_EQ(reader.int2(), 1);
    EXPECT_EQ(reader.int4(), 0);
    EXPECT_FALSE(reader.good());
    EXPECT_EQ(reader.byte(), 0);
    EXPECT_FALSE(reader.at_end());
}

}  // namespace
}  // namespace atlas::pg
