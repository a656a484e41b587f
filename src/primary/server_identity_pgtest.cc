// SPDX-License-Identifier: Apache-2.0
//
// Tokens over a failover: a server of the test's own is set back to a copy of its files, recovers
// from it and begins a new timeline, without the commits that came after the copy.
#include "primary/server_identity.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/eventually.h"
#include "testing/manual_clock.h"
#include "testing/test_cluster.h"

namespace atlas::primary {
namespace {

namespace fs = std::filesystem;
using query::ErrorCode;

struct Tokens : testing::Test {
    LogPosition write() {
        auto session = pool.acquire().value();
        EXPECT_TRUE(
            (*session).exec_script("CREATE TABLE IF NOT EXISTS t (i int);"
                                   "INSERT INTO t VALUES (1)"));
        const auto rows = session->exec(
            "SELECT pg_current_wal_flush_lsn(),"
            " pg_walfile_name(pg_current_wal_flush_lsn())");
        return {.timeline = timeline_of_segment(rows->text(0, 1)),
                .lsn = *parse_lsn(rows->text(0, 0))};
    }
    ErrorCode refusal(std::string_view token) {
        const auto accepted = identity.accept(token);
        EXPECT_FALSE(accepted);
        return accepted ? ErrorCode::internal : accepted.error().code;
    }
    void promote(const fs::path& copy) {
        const fs::path data = cluster.dir() / "data";
        cluster.stop();
        fs::remove_all(data);
        fs::rename(copy, data);
        std::ofstream(data / "recovery.signal").flush();
        fs::permissions(data / "recovery.signal", fs::perms::all);
        std::ofstream(data / "postgresql.auto.conf", std::ios::app)
            << "restore_command = 'false'\n";
        cluster.start();
        ASSERT_TRUE(test::eventually([&] {
            auto session = pg::Connection::open(conninfo, {});
            return session && !session->exec("SELECT pg_is_in_recovery()")->boolean(0, 0);
        }));
    }

    test::TestCluster cluster;
    const std::string conninfo = cluster.as_superuser(cluster.make_empty_database());
    test::ManualClock clock;
    pg::Pool pool{conninfo, {}, 2};
    ServerIdentity identity{pool, cluster.as_replication(conninfo), clock};
};

TEST_F(Tokens, AreJudgedByTheServersHistory) {
    const LogPosition first = write();
    EXPECT_EQ(identity.issue(first), to_string(first.lsn));  // nobody asked the server yet
    ASSERT_TRUE(identity.refresh());
    const std::string kept = identity.issue(first);
    EXPECT_EQ(identity.accept(kept)->floor, first);
    EXPECT_EQ(identity.accept(kept)->timeline, 1);
    EXPECT_EQ(identity.accept(to_string(first.lsn))->floor, first);

    // A commit of another gateway: this process asks the server.
    const LogPosition second = write();
    ASSERT_LT(identity.flushed().lsn, second.lsn);
    const auto system = query::decode_consistency_token(kept)->system;
    EXPECT_EQ(identity.accept(query::encode_consistency_token({system, second}))->floor, second);
    EXPECT_GE(identity.flushed(), second);

    const LogPosition ahead{.timeline = 1, .lsn = {second.lsn.value + (1U << 30U)}};
    EXPECT_EQ(refusal(query::encode_consistency_token({system, ahead})),
              ErrorCode::invalid_consistency_token);
    EXPECT_EQ(refusal(to_string(ahead.lsn)), ErrorCode::invalid_consistency_token);
    EXPECT_EQ(refusal(query::encode_consistency_token({system, {2, first.lsn}})),
              ErrorCode::invalid_consistency_token);
    EXPECT_EQ(refusal(query::encode_consistency_token({system + 1, first})),
              ErrorCode::invalid_consistency_token);
    EXPECT_EQ(refusal("x"), ErrorCode::invalid_consistency_token);

    cluster.stop();
    const fs::path copy = cluster.dir() / "copy";
    ASSERT_EQ(
        cluster::run({.argv = {"/bin/cp", "-a", cluster.dir() / "data", copy}, .user = {}}).status,
        0);
    cluster.start();
    const std::string lost = identity.issue(write());
    EXPECT_TRUE(identity.accept(lost));
    promote(copy);

    // As it was known before, until a position of the new timeline is seen.
    EXPECT_TRUE(identity.accept(lost));
    const LogPosition later = write();
    EXPECT_EQ(later.timeline, 2);
    const std::string of_second = identity.issue(later);
    EXPECT_EQ(refusal(lost), ErrorCode::token_from_lost_timeline);
    EXPECT_EQ(identity.accept(of_second)->floor, later);
    EXPECT_EQ(identity.accept(of_second)->timeline, 2);
    EXPECT_EQ(identity.accept(kept)->floor, first);

    // Without the right to read the history, earlier timelines count as lost.
    ServerIdentity blind{pool, cluster.as_role(conninfo, "atlas"), clock};
    EXPECT_EQ(blind.accept(kept).error().code, ErrorCode::token_from_lost_timeline);
    EXPECT_TRUE(blind.accept(of_second));

    // Who cannot be asked does not guess.
    cluster.stop();
    EXPECT_TRUE(identity.accept(kept));
    clock.advance(ServerIdentity::kTrusted + std::chrono::milliseconds{1});
    EXPECT_TRUE(identity.accept(kept));
    EXPECT_EQ(refusal(query::encode_consistency_token({system, {2, ahead.lsn}})),
              ErrorCode::unavailable);
}

}  // namespace
}  // namespace atlas::primary
