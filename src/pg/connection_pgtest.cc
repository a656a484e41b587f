// SPDX-License-Identifier: Apache-2.0
#include "pg/connection.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <thread>

#include "pg/pool.h"
#include "testing/test_cluster.h"

namespace atlas::pg {
namespace {

using test::TestCluster;

class ConnectionTest : public ::testing::Test {
protected:
    const std::string conninfo_ = TestCluster::shared().make_empty_database();
    Connection connection_ = Connection::open(conninfo_, {}).value();
};

TEST_F(ConnectionTest, ParametersArriveAsTheyAre) {
    const std::array<std::int64_t, 3> int8s{std::numeric_limits<std::int64_t>::min(), 0, 7};
    const std::array<std::int32_t, 2> int4s{-1, 2};
    const std::array<Time, 2> times{time_from_micros(0), time_from_micros(1'700'000'000'000'001)};
    const std::array<std::string_view, 3> texts{"a", "", "\"{,\\ ü"};
    const std::array<std::optional<std::string_view>, 2> maybe{"x", std::nullopt};
    Params params;
    params.add(nullptr).add(std::int64_t{-5}).add(0.1).add(true).add("it's").add(times[1]);
    params.add_int8s(int8s).add_int4s(int4s).add_times(times);
    params.add_texts(texts).add_texts(maybe).add_int8s({});
    const auto rows = connection_.exec(
        "SELECT $1::text, $2::bigint, $3::float8, $4::boolean, $5::text, $6, $7, $8,"
        " extract(epoch from $9[1])::bigint, $10[3], $11[2] IS NULL, cardinality($12)",
        params);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_TRUE(rows->is_null(0, 0));
    EXPECT_EQ(rows->int8(0, 1), -5);
    EXPECT_EQ(rows->float8(0, 2), 0.1);
    EXPECT_TRUE(rows->boolean(0, 3));
    EXPECT_EQ(rows->text(0, 4), "it's");
    EXPECT_EQ(rows->text(0, 5), "2023-11-14 22:13:20.000001+00");
    EXPECT_EQ(rows->text(0, 6), "{-9223372036854775808,0,7}");
    EXPECT_EQ(rows->text(0, 7), "{-1,2}");
    EXPECT_EQ(rows->int8(0, 8), 0);
    EXPECT_EQ(rows->text(0, 9), texts[2]);
    EXPECT_TRUE(rows->boolean(0, 10));
    EXPECT_EQ(rows->int8(0, 11), 0);
}

TEST_F(ConnectionTest, FailuresSayWhatCanBeDone) {
    EXPECT_EQ(connection_.exec("SELECT 1/0").error().kind, ErrorKind::data);
    EXPECT_EQ(connection_.exec("SELECT nonsense").error().kind, ErrorKind::other);
    EXPECT_EQ(connection_.exec("COPY pg_class TO STDOUT").error().kind, ErrorKind::other);
    ASSERT_TRUE(connection_.exec("SET statement_timeout = '10ms'"));
    const auto slow = connection_.exec("SELECT pg_sleep(10)");
    EXPECT_EQ(slow.error().kind, ErrorKind::retryable);
    EXPECT_EQ(slow.error().sqlstate, "57014");
    EXPECT_TRUE(connection_.usable());
    const auto gone = connection_.exec("SELECT pg_terminate_backend(pg_backend_pid())");
    EXPECT_EQ(gone.error().kind, ErrorKind::connection);
    EXPECT_FALSE(connection_.usable());
    EXPECT_EQ(Connection::open("host=/nonexistent", {}).error().kind, ErrorKind::connection);
}

// Goal: a session whose client is gone ends by itself, during a statement, too.
TEST_F(ConnectionTest, SessionsNoticeThatTheirClientIsGone) {
    const auto rows = connection_.exec(
        "SELECT setting FROM pg_settings WHERE name = 'client_connection_check_interval'"
        " AND source = 'client'");
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 1);
    EXPECT_EQ(rows->text(0, 0), "2000");
}

// Goal: what failed can be told from the error, however it was sent.
TEST_F(ConnectionTest, FailuresNameTheirStatement) {
    const SqlText broken{"SELECT nonsense", "test/broken"};
    EXPECT_EQ(connection_.exec(broken).error().statement_name, "test/broken");
    EXPECT_EQ(connection_.exec_script(broken).error().statement_name, "test/broken");
    EXPECT_EQ(connection_.exec("SELECT nonsense").error().statement_name, "");
    EXPECT_EQ(connection_.copy_begin(broken).error().statement_name, "test/broken");
    ASSERT_TRUE(connection_.exec("CREATE TABLE t (a int PRIMARY KEY)"));
    ASSERT_TRUE(connection_.copy_begin({"COPY t FROM STDIN", "test/copy"}));
    ASSERT_TRUE(connection_.copy_put("no number\n"));
    EXPECT_EQ(connection_.copy_end().error().statement_name, "test/copy");
}

TEST_F(ConnectionTest, CopyCountsItsRows) {
    ASSERT_TRUE(connection_.exec("CREATE TABLE t (a int PRIMARY KEY)"));
    ASSERT_TRUE(connection_.copy_begin("COPY t FROM STDIN"));
    ASSERT_TRUE(connection_.copy_put("1\n2\n"));
    ASSERT_TRUE(connection_.copy_put("3\n"));
    EXPECT_EQ(connection_.copy_end().value(), 3);
}

// Goal: a refused COPY leaves the session in its transaction, ready for ROLLBACK TO.
TEST_F(ConnectionTest, RefusedCopyLeavesTheSessionUsable) {
    ASSERT_TRUE(connection_.exec("CREATE TABLE t (a int PRIMARY KEY)"));
    ASSERT_TRUE(connection_.exec("BEGIN"));
    ASSERT_TRUE(connection_.exec("SAVEPOINT s"));
    ASSERT_TRUE(connection_.copy_begin("COPY t FROM STDIN"));
    ASSERT_TRUE(connection_.copy_put("1\n1\n"));
    const auto ended = connection_.copy_end();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().sqlstate, "23505");
    EXPECT_EQ(ended.error().constraint, "t_pkey");
    ASSERT_TRUE(connection_.exec("ROLLBACK TO s"));
    ASSERT_TRUE(connection_.exec("ROLLBACK"));
    EXPECT_FALSE(connection_.in_transaction());
    EXPECT_EQ(connection_.exec("SELECT count(*) FROM t")->int8(0, 0), 0);
}

TEST_F(ConnectionTest, CancelFromAnotherThreadEndsTheStatement) {
    ASSERT_TRUE(connection_.exec("CREATE TABLE lock_me ()"));
    auto blocker = Connection::open(conninfo_, {}).value();
    ASSERT_TRUE(blocker.exec_script("BEGIN; LOCK TABLE lock_me"));
    std::jthread canceller([&] {
        Params params;
        params.add(std::int64_t{PQbackendPID(connection_.raw())});
        // Waits for the statement to be seen waiting, so that the request cannot come too early.
        while (blocker
                   .exec("SELECT 1 FROM pg_stat_activity WHERE pid = $1::int"
                         " AND wait_event_type = 'Lock'",
                         params)
                   ->empty()) {
        }
        EXPECT_TRUE(connection_.cancel());
    });
    EXPECT_EQ(connection_.exec("SELECT * FROM lock_me").error().sqlstate, "57014");
}

TEST_F(ConnectionTest, PoolReplacesWhatTheServerEnded) {
    Pool pool(conninfo_, {}, 1);
    std::int64_t first = 0;
    {
        auto lease = pool.acquire().value();
        first = lease->exec("SELECT pg_backend_pid()")->int8(0, 0);
    }
    {
        auto lease = pool.acquire().value();
        EXPECT_EQ(lease->exec("SELECT pg_backend_pid()")->int8(0, 0), first);
        EXPECT_EQ(pool.acquire(std::chrono::milliseconds(1)).error().kind, ErrorKind::retryable);
    }
    Params params;
    params.add(first);
    ASSERT_TRUE(connection_.exec("SELECT pg_terminate_backend($1::int, 5000)", params));
    auto lease = pool.acquire().value();
    EXPECT_NE(lease->exec("SELECT pg_backend_pid()")->int8(0, 0), first);
}

TEST_F(ConnectionTest, PoolNeverHandsOutAnOpenTransaction) {
    Pool pool(conninfo_, {}, 1);
    ASSERT_TRUE(pool.acquire()->operator*().exec("BEGIN"));
    EXPECT_FALSE(pool.acquire()->operator*().in_transaction());
}

}  // namespace
}  // namespace atlas::pg
