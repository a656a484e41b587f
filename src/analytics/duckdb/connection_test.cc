// SPDX-License-Identifier: Apache-2.0
//
// Goal: DuckDB as the rest of Atlas sees it: values of each type exactly, limits and cancellation,
// and the places where its appender and its COMMIT surprise.
#include "analytics/duckdb/connection.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analytics/duckdb/appender.h"

namespace atlas::analytics::duckdb {
namespace {

using namespace std::chrono_literals;

class ConnectionTest : public testing::Test {
protected:
    void SetUp() override {
        auto database = Database::open("", {});
        ASSERT_TRUE(database) << database.error().message;
        database_.emplace(*std::move(database));
        auto connection = database_->connect();
        ASSERT_TRUE(connection);
        connection_.emplace(*std::move(connection));
    }
    Connection& db() { return *connection_; }
    void execute(std::string_view sql) {
        const auto done = db().execute(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::int64_t count(std::string_view sql) {
        auto rows = db().query(sql);
        EXPECT_TRUE(rows) << rows.error().message;
        return rows->one_integer().value().value();
    }
    // Every cell as text, columns by |, rows by newline.
    std::string all(std::string_view sql, const std::vector<Parameter>& values = {}) {
        auto rows = db().query(sql, values);
        if (!rows) return rows.error().message;
        std::string out;
        while (auto chunk = rows->next().value()) {
            for (std::size_t row = 0; row < chunk->rows(); ++row) {
                for (std::size_t i = 0; i < rows->columns().size(); ++i) {
                    if (i > 0) out += '|';
                    const Cells cells = chunk->column(i);
                    if (cells.is_null(row)) {
                        out += "null";
                    } else {
                        cells.append_text(out, row);
                    }
                }
                out += '\n';
            }
        }
        return out;
    }

    std::optional<Database> database_;
    std::optional<Connection> connection_;
};

TEST_F(ConnectionTest, TheLibraryIsThePinnedOne) {
    EXPECT_EQ(Database::library_version(), "v1.5.5");
}

TEST_F(ConnectionTest, ValuesKeepAllTheirDigits) {
    EXPECT_EQ(all("SELECT 9223372036854775807, (-128)::TINYINT, 18446744073709551615::UBIGINT, "
                  "170141183460469231731687303715884105727::HUGEINT, 0.1, 1e300::DOUBLE, "
                  "(-0.05)::DECIMAL(38,4), true, NULL"),
              "9223372036854775807|-128|18446744073709551615|"
              "170141183460469231731687303715884105727|0.1|1e+300|-0.0500|true|null\n");
    EXPECT_EQ(all("SELECT 'NaN'::DOUBLE, '-inf'::DOUBLE, 0.1::FLOAT, 'a'::ENUM('b', 'a')"),
              "NaN|-Infinity|0.1|a\n");
    EXPECT_EQ(all("SELECT TIMESTAMP '2026-11-30 01:02:03.000004', DATE '1969-12-31', "
                  "TIMESTAMPTZ '2026-11-30 03:02:03+02', '{\"a\": 1}'::JSON, 'größer als zwölf'"),
              "2026-11-30T01:02:03.000004Z|1969-12-31|2026-11-30T01:02:03.000000Z|{\"a\": 1}|"
              "größer als zwölf\n");
}

TEST_F(ConnectionTest, ColumnsSayWhatTheyAre) {
    auto rows = db().query(
        "SELECT 1.25::DECIMAL(10,2) AS d, sum(i) AS s, '1'::JSON AS j "
        "FROM range(3) AS r (i)");
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->columns().size(), 3U);
    EXPECT_EQ(rows->columns()[0].kind, Kind::decimal);
    EXPECT_EQ(rows->columns()[0].scale, 2);
    EXPECT_EQ(rows->columns()[1].name, "s");
    EXPECT_EQ(rows->columns()[1].kind, Kind::huge);
    EXPECT_EQ(rows->columns()[2].kind, Kind::json);
}

TEST_F(ConnectionTest, ParametersHaveTypes) {
    EXPECT_EQ(all("SELECT $1 + 1, $2, $3 || '!', $4, $5::TIMESTAMP, $6::BIGINT",
                  {std::int64_t{41}, 2.5, std::string("it's"), true,
                   *parse_rfc3339("2026-11-30T00:00:00.000001Z"), std::monostate{}}),
              "42|2.5|it's!|true|2026-11-30T00:00:00.000001Z|null\n");
    auto statement = db().prepare("SELECT $b - $a");
    ASSERT_TRUE(statement);
    EXPECT_EQ(statement->parameters(), 2U);
    ASSERT_TRUE(statement->find_parameter("a"));
    EXPECT_FALSE(statement->find_parameter("c"));
}

TEST_F(ConnectionTest, AResultOfManyChunksIsWhole) {
    auto rows = db().query("SELECT i FROM range(10000) AS r (i)");
    std::int64_t sum = 0;
    std::size_t chunks = 0;
    while (auto chunk = rows->next().value()) {
        ++chunks;
        const Cells cells = chunk->column(0);
        for (std::size_t row = 0; row < chunk->rows(); ++row) sum += cells.integer(row);
    }
    EXPECT_EQ(sum, 49'995'000);
    EXPECT_GT(chunks, 4U);
}

constexpr std::string_view kEndless =
    "SELECT count(*) FROM range(1000000) AS a (i), range(1000000) AS b (j) WHERE i * j % 7 = 3";

TEST_F(ConnectionTest, AStatementEndsAtItsTimeLimit) {
    auto rows = db().query(kEndless, {}, {.time = 50ms});
    const StoreError error = rows ? rows->next().error() : rows.error();
    EXPECT_EQ(error.kind, StoreError::Kind::limit_time) << error.message;
    EXPECT_EQ(count("SELECT 1"), 1) << "the connection is as good as before";
}

TEST_F(ConnectionTest, AStatementEndsWhenItsCallerIsGone) {
    std::stop_source caller;
    std::jthread gone([&] {
        while (db().progress() < 0) std::this_thread::yield();
        caller.request_stop();
    });
    execute(
        "SET enable_progress_bar = true; SET enable_progress_bar_print = false; "
        "SET progress_bar_time = 0");
    auto rows = db().query(kEndless, {}, {.stop = caller.get_token()});
    const StoreError error = rows ? rows->next().error() : rows.error();
    EXPECT_EQ(error.kind, StoreError::Kind::cancelled) << error.message;
}

TEST_F(ConnectionTest, ErrorsAreOfTheirKind) {
    EXPECT_EQ(db().execute("SELEC 1").error().kind, StoreError::Kind::invalid);
    EXPECT_EQ(db().prepare("SELECT x FROM nowhere").error().kind, StoreError::Kind::invalid);
    // Words of damage that are the statement's own.
    EXPECT_EQ(db().prepare("SELECT checksum FROM corrupt").error().kind, StoreError::Kind::invalid);
    auto cast = db().query("SELECT CAST('checksum' || i AS INTEGER) FROM range(9) AS r (i)");
    EXPECT_EQ((cast ? cast->next().error() : cast.error()).kind, StoreError::Kind::invalid);
    execute("SET memory_limit = '50MB'; SET max_temp_directory_size = '1MB'");
    auto rows = db().query("SELECT list(i) FROM range(100000000) AS r (i)");
    const StoreError error = rows ? rows->next().error() : rows.error();
    EXPECT_EQ(error.kind, StoreError::Kind::limit_memory) << error.message;
}

TEST_F(ConnectionTest, WhatAnAppenderHoldsDoesNotSurviveARollback) {
    execute("CREATE TABLE t (i BIGINT, s VARCHAR); BEGIN");
    {
        auto appender = Appender::open(db(), "main", "t");
        ASSERT_TRUE(appender);
        ChunkWriter chunk(*appender);
        chunk.values<std::int64_t>(0)[0] = 7;
        chunk.set_text(1, 0, "seven, and longer than twelve bytes");
        chunk.set_size(1);
        ASSERT_TRUE(appender->append(chunk));
    }
    execute("ROLLBACK");
    EXPECT_EQ(count("SELECT count(*) FROM t"), 0);
}

// It writes by itself every 204,800 rows; that is undone, too.
TEST_F(ConnectionTest, WhatAnAppenderHasWrittenDoesNotSurviveARollback) {
    execute("CREATE TABLE t (i BIGINT); BEGIN");
    {
        auto appender = Appender::open(db(), "main", "t");
        ASSERT_TRUE(appender);
        ChunkWriter chunk(*appender);
        for (int chunks = 0; chunks < 130; ++chunks) {
            std::ranges::fill(chunk.values<std::int64_t>(0), 7);
            chunk.set_size(ChunkWriter::capacity());
            ASSERT_TRUE(appender->append(chunk));
        }
    }
    EXPECT_GE(count("SELECT count(*) FROM t"), 204'800) << "written in the transaction";
    execute("ROLLBACK");
    EXPECT_EQ(count("SELECT count(*) FROM t"), 0);
}

// A change of the table by another connection fails the transaction; nothing of it is there.
TEST_F(ConnectionTest, AnAppenderWhoseTableChangesLeavesNothing) {
    execute("CREATE TABLE t (i BIGINT); BEGIN; SELECT 1 FROM t");
    auto other = database_->connect();
    ASSERT_TRUE(other);
    {
        auto appender = Appender::open(db(), "main", "t");
        ASSERT_TRUE(appender);
        ChunkWriter chunk(*appender);
        chunk.values<std::int64_t>(0)[0] = 7;
        chunk.set_size(1);
        ASSERT_TRUE(appender->append(chunk));
        ASSERT_TRUE(other->execute("ALTER TABLE t ADD COLUMN j BIGINT"));
        const auto finished = appender->finish();
        EXPECT_FALSE(finished && db().execute("COMMIT"));
    }
    (void)db().execute("ROLLBACK");
    EXPECT_EQ(count("SELECT count(*) FROM t"), 0);
    EXPECT_TRUE(db().execute("INSERT INTO t VALUES (1, 2)"));
}

TEST_F(ConnectionTest, AppendedChunksAreWhatWasPutIn) {
    execute("CREATE TABLE t (i BIGINT, s VARCHAR, d DOUBLE); BEGIN");
    auto appender = Appender::open(db(), "main", "t");
    ASSERT_TRUE(appender);
    ChunkWriter chunk(*appender);
    for (std::int64_t round = 0; round < 3; ++round) {
        for (std::size_t row = 0; row < 3; ++row) {
            chunk.values<std::int64_t>(0)[row] = round;
            if (row == 1 && round != 1) {
                chunk.set_null(1, row);
            } else {
                chunk.set_text(1, row, fmt::format("text {} of round {}", row, round));
            }
            chunk.values<double>(2)[row] = 0.5;
        }
        chunk.set_size(3);
        ASSERT_TRUE(appender->append(chunk));
    }
    ASSERT_TRUE(appender->finish());
    execute("COMMIT");
    EXPECT_EQ(count("SELECT count(*) FROM t"), 9);
    EXPECT_EQ(all("SELECT * FROM t WHERE i = 1"),
              "1|text 0 of round 1|0.5\n1|text 1 of round 1|0.5\n1|text 2 of round 1|0.5\n");
    EXPECT_EQ(count("SELECT count(*) FROM t WHERE s IS NULL"), 2);
}

// COMMIT of an aborted transaction succeeds: only reading back tells.
TEST_F(ConnectionTest, CommitOfAFailedTransactionSaysNothing) {
    execute("CREATE TABLE t (i BIGINT PRIMARY KEY); BEGIN; INSERT INTO t VALUES (1)");
    EXPECT_FALSE(db().execute("INSERT INTO t VALUES (1)"));
    EXPECT_TRUE(db().execute("COMMIT"));
    EXPECT_EQ(count("SELECT count(*) FROM t"), 0);
}

// Goal: the limits are in force while a statement is compiled, too.
TEST_F(ConnectionTest, LimitsEndWhatIsBeingCompiled) {
    std::string sql = "SELECT count(*) FROM range(3) t0(a)";
    for (int i = 1; i < 64; ++i) {
        sql += fmt::format(" JOIN range(3) t{}(a) ON t{}.a = t{}.a", i, i, i - 1);
    }
    const auto late = db().prepare(sql, {.time = 20ms});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, StoreError::Kind::limit_time);
    std::stop_source gone;
    gone.request_stop();
    const auto stopped = db().prepare(sql, {.stop = gone.get_token()});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, StoreError::Kind::cancelled);
    EXPECT_TRUE(db().prepare("SELECT 1"));
}

}  // namespace
}  // namespace atlas::analytics::duckdb
