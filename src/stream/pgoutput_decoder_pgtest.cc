// SPDX-License-Identifier: Apache-2.0
//
// Goal: what a real server sends for each kind of change is decoded as what it was.
// Method: statements, then their transactions as lines of text. With ATLAS_RECORD=FOLDER each test
// writes its stream there: the seeds of the fuzzer, and of pgoutput_decoder_test.
#include "stream/pgoutput_decoder.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "pg/connection.h"
#include "pg/replication.h"
#include "stream/test_follower.h"
#include "testing/test_cluster.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;
using test::TestCluster;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Lines = std::vector<std::string>;

class PgoutputTest : public ::testing::Test {
protected:
    void SetUp() override {
        run("SELECT atlas_ensure_partitions(ARRAY[date '2026-11-29', date '2026-11-30'])");
        ASSERT_TRUE(session_.create_slot(slot_, pg::SlotLifetime::temporary));
        constexpr std::array<pg::PluginOption, 4> kPlugin{
            {{.name = "proto_version", .value = "1"},
             {.name = "publication_names", .value = "eav_cdc"},
             {.name = "binary", .value = "true"},
             {.name = "messages", .value = "true"}}};
        ASSERT_TRUE(session_.start(slot_, {}, kPlugin));
    }
    void TearDown() override {
        const char* folder = std::getenv("ATLAS_RECORD");
        if (folder == nullptr) return;
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        std::ofstream(std::string(folder) + "/" + test->name(), std::ios::binary) << recorded_;
    }

    void run(const std::string& sql) {
        const auto done = connection_.exec_script(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    static std::string observation(int entity, const char* at = "2026-11-30 10:00Z") {
        return fmt::format(
            "INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, attrs,"
            " double_values) VALUES (2, {}, '{}', '{}', '{{1}}', '{{1.5}}');",
            entity, at, at);
    }

    // The key columns, and of entity_jsonb hot_attrs.
    static std::string cells(const Relation& relation, std::span<const Cell> row) {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const Column& column = relation.columns[i];
            const bool shown = column.key || column.name == "hot_attrs" || column.name == "added";
            if (!shown || column.name == "observed_at") continue;
            text += " " + column.name + "=" + cell_text(column, row[i]);
        }
        return text;
    }
    static std::string line(const Change& change) {
        constexpr std::array<std::string_view, 4> kWords{"insert", "update", "remove", "truncate"};
        std::string text(kWords.at(static_cast<std::size_t>(change.operation)));
        text += " " + change.relation->name + cells(*change.relation, change.row);
        if (!change.old_key.empty()) text += " was" + cells(*change.relation, change.old_key);
        return text;
    }
    void take(const Event& event, Lines& lines) {
        if (const auto* change = std::get_if<Change>(&event)) lines.push_back(line(*change));
        if (const auto* truncate = std::get_if<TruncateEvent>(&event)) {
            for (const auto* relation : truncate->relations) {
                lines.push_back("truncate " + relation->name);
            }
        }
        if (const auto* message = std::get_if<Message>(&event)) {
            lines.push_back(fmt::format("{} {} {}",
                                        message->transactional ? "message" : "message at once",
                                        message->prefix, message->content));
        }
        if (const auto* begin = std::get_if<BeginEvent>(&event)) begin_ = *begin;
        if (const auto* commit = std::get_if<CommitEvent>(&event)) {
            EXPECT_EQ(commit->commit, begin_.commit);
            EXPECT_EQ(commit->committed_at, begin_.committed_at);
            EXPECT_LT(commit->commit, commit->end);
            EXPECT_GE(commit->commit, end_);
            end_ = commit->end;
        }
    }
    // Everything until a mark that is written now; what comes before it is decoded by then.
    Lines until_now() {
        const std::string mark = fmt::format("mark {}", ++marks_);
        run("SELECT pg_logical_emit_message(true, 'test', '" + mark + "')");
        Lines lines;
        while (lines.empty() || lines.back() != "message test " + mark) {
            const auto received = session_.receive(20s);
            if (!received || !*received) {
                ADD_FAILURE() << (received ? "nothing arrived" : received.error().message);
                return lines;
            }
            const auto* data = std::get_if<pg::LogData>(&**received);
            if (data == nullptr) continue;
            append_big_endian(recorded_, static_cast<std::uint32_t>(data->bytes.size()));
            recorded_ += data->bytes;
            kinds_ += data->bytes.front();
            const auto event = decoder_.decode(data->bytes);
            if (!event) {
                ADD_FAILURE() << to_string(event.error());
                return lines;
            }
            take(*event, lines);
        }
        lines.pop_back();
        return lines;
    }

    static std::string new_slot() {
        static int count = 0;
        return fmt::format("atlas_decoder_{}", ++count);
    }
    const std::string conninfo_ = TestCluster::shared().make_database();
    const std::string slot_ = new_slot();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    pg::ReplicationSession session_ =
        pg::ReplicationSession::open(TestCluster::shared().as_replication(conninfo_), {}).value();
    PgoutputDecoder decoder_;
    BeginEvent begin_;
    Lsn end_;
    std::string recorded_;
    std::string kinds_;
    int marks_ = 0;
};

TEST_F(PgoutputTest, RowsOfEveryTable) {
    run("INSERT INTO tenants (tenant_id, tenant_name) VALUES (9, 'plant');"
        "INSERT INTO attributes (attribute_id, attribute_name) VALUES (10, 'pressure');"
        "INSERT INTO tenant_attributes (tenant_id, attribute_id, type) VALUES (9, 10, 'double');"
        "INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (7, 9, 'pump-7');"
        "INSERT INTO shapes (attrs) VALUES ('{10}');" +
        observation(7) + "SELECT atlas_heartbeat()");
    EXPECT_THAT(
        until_now(),
        ElementsAre("insert tenants tenant_id=9", "insert attributes attribute_id=10",
                    "insert tenant_attributes tenant_id=9 attribute_id=10",
                    "insert entities entity_id=7",
                    "insert entity_jsonb entity_id=7 tenant_id=9 hot_attrs=3 bytes",
                    "insert shapes shape_id=1", "insert observations tenant_id=2 entity_id=7",
                    "insert replication_heartbeat id=1"));
    EXPECT_EQ(decoder_.relation(Table::tenants)->find("tenant_name"), 1U);
    EXPECT_EQ(decoder_.relation(Table::tenants)->find("none"), std::nullopt);
}

// Goal: a merge into an observation is an update that does not say which points changed; of a key
// that changes and of a removal the old key comes, and what else the row had does not.
TEST_F(PgoutputTest, UpdatesAndRemovals) {
    run(observation(1));
    run("UPDATE observations SET attrs = '{1,2}', double_values = '{1.5,2.5}'");
    run("UPDATE observations SET entity_id = 2");
    run("DELETE FROM observations");
    EXPECT_THAT(until_now(),
                ElementsAre("insert observations tenant_id=2 entity_id=1",
                            "update observations tenant_id=2 entity_id=1",
                            "update observations tenant_id=2 entity_id=2 was tenant_id=2"
                            " entity_id=1",
                            "remove observations was tenant_id=2 entity_id=2"));
}

// Goal: an observation that moves to another day is a removal and an insert, under the root.
TEST_F(PgoutputTest, AMoveToAnotherPartition) {
    run(observation(1));
    run("UPDATE observations SET observed_at = observed_at - interval '1 day'");
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=1",
                                         "remove observations was tenant_id=2 entity_id=1",
                                         "insert observations tenant_id=2 entity_id=1"));
}

// Goal: each partition is announced as its root and as itself, and again after ANALYZE; that is no
// new definition, and no change names the partition.
TEST_F(PgoutputTest, AnnouncementsOfPartitions) {
    run(observation(1));
    EXPECT_EQ(until_now().size(), 1U);
    const Relation* root = decoder_.relation(Table::observations);
    ASSERT_NE(root, nullptr);
    EXPECT_EQ(std::ranges::count(kinds_, 'R'), 2);
    kinds_.clear();
    run("ANALYZE observations");
    run(observation(2) + observation(3, "2026-11-29 10:00Z"));
    EXPECT_EQ(until_now().size(), 2U);
    EXPECT_GE(std::ranges::count(kinds_, 'R'), 4);
    EXPECT_EQ(decoder_.relation(Table::observations), root);
    EXPECT_EQ(root->name, "observations");
}

TEST_F(PgoutputTest, AChangedDefinition) {
    run(observation(1));
    until_now();
    const std::uint32_t version = decoder_.relation(Table::observations)->version;
    run("ALTER TABLE observations ADD COLUMN added integer");
    run(observation(2) + "UPDATE observations SET added = 5 WHERE entity_id = 1");
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=2 added=NULL",
                                         "update observations tenant_id=2 entity_id=1 added=5"));
    EXPECT_GT(decoder_.relation(Table::observations)->version, version);
    // Functions with the row's type are in the way of a new type (15.20).
    run("DROP FUNCTION atlas_merge CASCADE");
    run("ALTER TABLE observations ALTER COLUMN added TYPE bigint");
    // The rewrite of the table is no change of its rows.
    EXPECT_THAT(until_now(), IsEmpty());
    run("ALTER TABLE observations DROP COLUMN added");
    run(observation(3));
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=3"));
}

// Goal: a domain is announced before the table that uses it; values come as those of its base type.
TEST_F(PgoutputTest, ADomainIsAnnounced) {
    run("CREATE DOMAIN level AS integer; ALTER TABLE observations ADD COLUMN added level");
    run(observation(1));
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=1 added=NULL"));
    EXPECT_THAT(kinds_, HasSubstr("Y"));
    const Relation& root = *decoder_.relation(Table::observations);
    EXPECT_NE(root.columns[root.find("added").value()].type_oid, pg::kInt4Oid);
}

// Goal: REPLICA IDENTITY FULL of the root does not reach its partitions. The stream then announces
// every column as key, yet updates come without an old row, and the old rows of removals have
// their key alone.
TEST_F(PgoutputTest, FullIdentityOfTheRootIsAClaim) {
    run("ALTER TABLE observations REPLICA IDENTITY FULL");
    run(observation(1));
    run("UPDATE observations SET double_values = '{2.5}'");
    run("DELETE FROM observations");
    const Lines lines = until_now();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_THAT(lines[1], ::testing::Not(HasSubstr(" was ")));
    EXPECT_THAT(lines[2], HasSubstr("was tenant_id=2 entity_id=1 "));
    EXPECT_THAT(lines[2], HasSubstr("double_values=NULL"));
}

TEST_F(PgoutputTest, TruncationsOfRootsComeAndThoseOfPartitionsDoNot) {
    run(observation(1));
    run("SELECT atlas_heartbeat()");
    run("TRUNCATE observations, replication_heartbeat");
    run(observation(1));
    // With publish_via_partition_root the server leaves this one out.
    run("DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(inhrelid::regclass::text, ', ')"
        " FROM pg_inherits WHERE inhparent = 'observations'::regclass); END $$");
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=1",
                                         "insert replication_heartbeat id=1",
                                         "truncate observations", "truncate replication_heartbeat",
                                         "insert observations tenant_id=2 entity_id=1"));
}

// Goal: partitions that retention or compaction detaches, drops or attaches change no data.
TEST_F(PgoutputTest, PartitionsThatComeAndGoAreNoChanges) {
    run(observation(1));
    until_now();
    run("DO $$ DECLARE day regclass; BEGIN"
        " SELECT tableoid INTO day FROM observations;"
        " EXECUTE format('ALTER TABLE observations DETACH PARTITION %s', day);"
        " EXECUTE format('ALTER TABLE observations ATTACH PARTITION %s FOR VALUES FROM"
        " (''2026-11-30 00:00Z'') TO (''2026-12-01 00:00Z'')', day);"
        " EXECUTE format('ALTER TABLE observations DETACH PARTITION %s', day);"
        " EXECUTE format('DROP TABLE %s', day); END $$");
    EXPECT_THAT(until_now(), IsEmpty());
}

// Goal: a large value that an update did not touch is marked, not taken for NULL.
TEST_F(PgoutputTest, UntouchedLargeValuesAreMarked) {
    run("INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (7, 2, 'pump-7');"
        "ALTER TABLE entity_jsonb ALTER COLUMN hot_attrs SET STORAGE EXTERNAL;"
        "UPDATE entity_jsonb SET hot_attrs = jsonb_build_object('a', repeat('x', 10000))");
    until_now();
    run("UPDATE entity_jsonb SET last_day = '2026-11-30'");
    EXPECT_THAT(until_now(), ElementsAre("update entity_jsonb entity_id=7 tenant_id=2"
                                         " hot_attrs=unchanged"));
}

// Goal: the server keeps what may be rolled back, and a prepared transaction, to itself.
TEST_F(PgoutputTest, OnlyWhatCommitsComes) {
    run("BEGIN;" + observation(1) + "SAVEPOINT s;" + observation(2) + "ROLLBACK TO s;" +
        observation(3) + "COMMIT");
    run("BEGIN;" + observation(4) + "ROLLBACK");
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=1",
                                         "insert observations tenant_id=2 entity_id=3"));
    run("BEGIN;" + observation(5) + "PREPARE TRANSACTION 'p'");
    EXPECT_THAT(until_now(), IsEmpty());
    run("COMMIT PREPARED 'p'");
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=5"));
    run("BEGIN;" + observation(6) + "PREPARE TRANSACTION 'q'");
    run("ROLLBACK PREPARED 'q'");
    EXPECT_THAT(until_now(), IsEmpty());
}

TEST_F(PgoutputTest, TransactionsThatOverlapComeInOrderOfCommit) {
    auto other = pg::Connection::open(conninfo_, {}).value();
    run("BEGIN;" + observation(1));
    ASSERT_TRUE(other.exec_script(observation(2)));
    run(observation(3) + "COMMIT");
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=2",
                                         "insert observations tenant_id=2 entity_id=1",
                                         "insert observations tenant_id=2 entity_id=3"));
}

// Goal: a message that is no part of a transaction comes before that commits, and also from one
// that does not.
TEST_F(PgoutputTest, LogicalMessages) {
    run("BEGIN; SELECT pg_logical_emit_message(true, 'a', 'in order');" + observation(1) +
        "SELECT pg_logical_emit_message(false, 'a', 'early'); COMMIT");
    run("BEGIN; SELECT pg_logical_emit_message(true, 'a', 'never');"
        "SELECT pg_logical_emit_message(false, 'a', 'all the same'); ROLLBACK");
    EXPECT_THAT(until_now(), ElementsAre("message at once a early", "message a in order",
                                         "insert observations tenant_id=2 entity_id=1",
                                         "message at once a all the same"));
}

// Goal: a table that Atlas does not know is read over.
TEST_F(PgoutputTest, OtherTablesAreReadOver) {
    run("CREATE TABLE other (a text, b point); ALTER PUBLICATION eav_cdc ADD TABLE other");
    run("INSERT INTO other VALUES ('x', '(1,2)');" + observation(1) +
        "DELETE FROM observations; TRUNCATE other");
    EXPECT_THAT(until_now(), ElementsAre("insert observations tenant_id=2 entity_id=1",
                                         "remove observations was tenant_id=2 entity_id=1"));
}

}  // namespace
}  // namespace atlas::stream
