// SPDX-License-Identifier: Apache-2.0
#include "pg/copy_binary.h"

#include <gtest/gtest.h>

#include <random>

#include "pg/binary_result.h"
#include "pg/connection.h"
#include "testing/test_cluster.h"

namespace atlas::pg {
namespace {

class CopyBinaryTest : public ::testing::Test {
protected:
    void copy(std::string_view into, const std::string& bytes, std::int64_t rows) {
        ASSERT_TRUE(
            connection_.copy_begin(fmt::format("COPY {} FROM STDIN (FORMAT binary)", into)));
        ASSERT_TRUE(connection_.copy_put(bytes));
        const auto ended = connection_.copy_end();
        ASSERT_TRUE(ended) << ended.error().message;
        EXPECT_EQ(*ended, rows);
    }

    Connection connection_ =
        Connection::open(test::TestCluster::shared().make_empty_database(), {}).value();
};

TEST_F(CopyBinaryTest, EveryTypeArrives) {
    ASSERT_TRUE(connection_.exec(
        "CREATE TABLE t (a boolean, b int2, c int4, d int8, e float8, f timestamptz, g text,"
        " h numeric, i jsonb, j int4[], k int8[], l float8[], m numeric[], n text[], o int8[],"
        " p text)"));
    std::string bytes;
    CopyWriter writer(bytes);
    writer.header().tuple(16).boolean(true).int2(-2).int4(3).int8(-4).float8(0.1);
    writer.timestamptz(time_from_micros(1)).text("ü");
    ASSERT_TRUE(writer.numeric("-1.50"));
    writer.jsonb(R"({"a": 1})");
    writer.begin_array(kInt4Oid, 1).element_int4(7).end_array();
    writer.begin_array(kInt8Oid, 2).element_int8(8).element_null().end_array();
    writer.begin_array(kFloat8Oid, 1).element_float8(-0.5).end_array();
    writer.begin_array(kNumericOid, 1);
    ASSERT_TRUE(writer.element_numeric("0.10"));
    writer.end_array();
    writer.begin_array(kTextOid, 2).element_text("").element_text("x").end_array();
    writer.begin_array(kInt8Oid, 0).end_array().null().trailer();
    copy("t", bytes, 1);
    const auto rows = connection_.exec("SELECT t::text FROM t");
    EXPECT_EQ(rows->text(0, 0),
              "(t,-2,3,-4,0.1,\"1970-01-01 00:00:00.000001+00\",ü,-1.50,\"{\"\"a\"\": 1}\",{7},"
              "\"{8,NULL}\",{-0.5},{0.10},\"{\"\"\"\",x}\",{},)");
}

std::string random_decimal(std::mt19937_64& random) {
    const auto below = [&random](std::uint64_t n) { return random() % n; };
    const auto digits = [&](std::uint64_t count) {
        std::string text;
        // Runs of zeros are where groups of four are left out.
        const bool zeros = below(3) == 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            text += static_cast<char>('0' + (zeros && below(8) != 0 ? 0 : below(10)));
        }
        return text;
    };
    std::string text = below(2) == 0 ? "-" : "";
    text += digits(1 + below(30));
    if (below(2) == 0) text += "." + digits(1 + below(30));
    if (below(4) == 0) text += fmt::format("e{}", static_cast<int>(below(60)) - 30);
    return text;
}

// Goal: our bytes mean to the server what it makes of the text itself, and its bytes read back as
// the text it would write.
TEST_F(CopyBinaryTest, NumericAgreesWithTheServer) {
    ASSERT_TRUE(connection_.exec("CREATE TABLE n (source text, value numeric)"));
    std::mt19937_64 random(7);
    std::string bytes;
    CopyWriter writer(bytes);
    writer.header();
    constexpr int kRows = 5000;
    for (int i = 0; i < kRows; ++i) {
        const std::string text = random_decimal(random);
        writer.tuple(2).text(text);
        ASSERT_TRUE(writer.numeric(text)) << text;
    }
    writer.trailer();
    copy("n", bytes, kRows);
    const auto different = connection_.exec(
        "SELECT source, value::text FROM n WHERE source::numeric::text <> value::text");
    ASSERT_TRUE(different) << different.error().message;
    EXPECT_TRUE(different->empty()) << different->text(0, 0) << " as " << different->text(0, 1);
    const auto rows =
        connection_.exec("SELECT value, value::text FROM n", {}, Connection::Format::binary);
    ASSERT_EQ(rows->size(), kRows);
    for (int row = 0; row < rows->size(); ++row) {
        std::string text;
        ASSERT_TRUE(append_numeric_text(text, rows->text(row, 0)));
        ASSERT_EQ(text, rows->text(row, 1));
    }
}

TEST_F(CopyBinaryTest, SpecialNumericsHaveTheirWords) {
    const auto rows =
        connection_.exec("SELECT 'NaN'::numeric, 'Infinity'::numeric, '-Infinity'::numeric", {},
                         Connection::Format::binary);
    std::string text;
    for (int column = 0; column < 3; ++column) {
        ASSERT_TRUE(append_numeric_text(text, rows->text(0, column)));
    }
    EXPECT_EQ(text, "NaNInfinity-Infinity");
}

TEST_F(CopyBinaryTest, BinaryResultsAreRead) {
    const auto rows = connection_.exec(
        "SELECT -5::int8, 'epoch'::timestamptz, 0.25::float8, true, '{1,NULL,-3}'::int8[],"
        " '{a,NULL}'::text[], '{}'::float8[], 7::int2",
        {}, Connection::Format::binary);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(read_int8(rows->text(0, 0)), -5);
    EXPECT_EQ(read_timestamptz(rows->text(0, 1)), Time{});
    EXPECT_EQ(read_float8(rows->text(0, 2)), 0.25);
    EXPECT_TRUE(read_bool(rows->text(0, 3)));
    std::string shown;
    for (ArrayReader array(rows->text(0, 4)); array.next();) {
        shown += array.null() ? "null " : fmt::format("{} ", array.int8());
    }
    EXPECT_EQ(shown, "1 null -3 ");
    ArrayReader texts(rows->text(0, 5));
    ASSERT_TRUE(texts.next());
    EXPECT_EQ(texts.text(), "a");
    ASSERT_TRUE(texts.next());
    EXPECT_TRUE(texts.null());
    ArrayReader empty(rows->text(0, 6));
    EXPECT_EQ(empty.size(), 0);
    EXPECT_FALSE(empty.next());
    EXPECT_TRUE(empty.good());
    EXPECT_EQ(read_int2(rows->text(0, 7)), 7);
}

}  // namespace
}  // namespace atlas::pg
