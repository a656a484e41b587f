// SPDX-License-Identifier: Apache-2.0
//
// From HTTP to the analytics store, in a process of its own that is killed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>
#include <set>

#include "app/analytics.h"
#include "app/change_stream.h"
#include "app/gateway.h"
#include "http/server/test_server.h"
#include "pg/connection.h"
#include "testing/eventually.h"
#include "testing/rounds.h"
#include "testing/test_cluster.h"

namespace atlas::app {
namespace {

using test::eventually;
using test::TestCluster;

constexpr const char* kPoints =
    "SELECT concat_ws(' ', tenant_id, entity_id, attribute_id, epoch_us(observed_at)), "
    "coalesce(value, 'null') FROM fact_telemetry";

using Table = std::multimap<std::string, std::string>;

// The first two columns of an answer.
analytics::StoreExpected<Table> read(analytics::duckdb::DuckStore& store, const char* sql) {
    auto connection = store.connect();
    if (!connection) return failure(connection.error());
    auto rows = connection->query(sql);
    if (!rows) return failure(rows.error());
    Table table;
    for (;;) {
        auto chunk = rows->next();
        if (!chunk) return failure(chunk.error());
        if (!*chunk) return table;
        for (std::size_t row = 0; row < (*chunk)->rows(); ++row) {
            std::string key;
            std::string value;
            (*chunk)->column(0).append_text(key, row);
            (*chunk)->column(1).append_text(value, row);
            table.emplace(std::move(key), std::move(value));
        }
    }
}

// Equal for equal tables.
std::int64_t fingerprint(const Table& table) {
    std::size_t print = table.size();
    for (const auto& [key, value] : table) {
        print = print * 31 + std::hash<std::string>{}(key + '=' + value);
    }
    return static_cast<std::int64_t>(print);
}

// A gateway, a stream and a store in a child process, so that it can be killed. It answers with its
// port, and then to each byte with the fingerprint of its store.
class Child {
public:
    Child(const std::string& conninfo, const std::filesystem::path& folder) {
        int to_child[2];
        int from_child[2];
        if (pipe(to_child) != 0 || pipe(from_child) != 0) std::abort();
        pid_ = fork();
        if (pid_ == 0) {
            close(to_child[1]);
            close(from_child[0]);
            serve(conninfo, folder, to_child[0], from_child[1]);
        }
        close(to_child[0]);
        close(from_child[1]);
        to_ = to_child[1];
        from_ = from_child[0];
        port_ = static_cast<std::uint16_t>(answer());
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() { kill(); }

    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        int status = 0;
        waitpid(std::exchange(pid_, -1), &status, 0);
        close(to_);
        close(from_);
    }
    bool holds(const Table& table) { return fingerprint_of_store() == fingerprint(table); }
    std::int64_t fingerprint_of_store() {
        const char question = '?';
        if (write(to_, &question, 1) != 1) return -1;
        return answer();
    }
    int post(std::string_view entity, std::int64_t at, std::string_view attributes) const {
        http::RawClient client(port_);
        const auto answer = client.ask(
            http::request_text("POST /v1/telemetry", "",
                               fmt::format(R"({{"entity": "{}", "at": {}, "attributes": {{{}}}}})",
                                           entity, at, attributes)));
        return answer ? answer->status : 0;
    }
    // Begins a comparison with history.
    int check() const {
        http::RawClient client(port_);
        const auto answer = client.ask(http::request_text("POST /v1/stream:check", "", "{}"));
        return answer ? answer->status : 0;
    }

private:
    std::int64_t answer() const {
        std::int64_t number = -1;
        return ::read(from_, &number, sizeof number) == sizeof number ? number : -1;
    }
    [[noreturn]] static void serve(const std::string& conninfo, const std::filesystem::path& folder,
                                   int from, int to) {
        observe::Registry registry;
        const config::Config config;
        const SystemClock clock;
        const ProcessContext process{config, registry, clock};
        Services services;
        auto analytics = std::make_unique<Analytics>(conninfo, folder, process);
        Analytics& store = *analytics;
        auto stream = std::make_unique<ChangeStream>(
            conninfo, std::vector<StreamFollower>{store.follower()}, process);
        store.follow(*stream);
        services.add(std::move(analytics));
        services.add(std::move(stream));
        auto added = std::make_unique<Gateway>(
            GatewayOptions{
                .listen = {.host = "127.0.0.1", .port = 0}, .conninfo = conninfo, .auth_off = true},
            process, services);
        Gateway& gateway = *added;
        services.add(std::move(added));
        services.start();
        const std::string url = gateway.url();
        std::int64_t number = std::stoi(url.substr(url.rfind(':') + 1));
        for (char question = 0;;) {
            if (write(to, &number, sizeof number) != sizeof number) _exit(1);
            if (::read(from, &question, 1) != 1) _exit(0);
            const auto points = read(store.store(), kPoints);
            number = points ? fingerprint(*points) : -1;
        }
    }

    pid_t pid_ = -1;
    int to_ = -1;
    int from_ = -1;
    std::uint16_t port_ = 0;
};

class AnalyticsTest : public ::testing::Test {
protected:
    AnalyticsTest() {
        char name[] = "/tmp/atlas-analytics-XXXXXX";
        folder_ = mkdtemp(name);
        // As the owner of the private database has it.
        auto admin = pg::Connection::open(TestCluster::shared().as_superuser(conninfo_), {});
        admin->exec("ALTER ROLE atlas REPLICATION").value();
    }
    void TearDown() override {
        EXPECT_TRUE(TestCluster::shared().drop_slots(conninfo_));
        std::filesystem::remove_all(folder_);
    }

    // What the database holds, as the view shows it.
    Table expected() {
        auto connection = pg::Connection::open(conninfo_, {}).value();
        const auto rows = connection
                              .exec(
                                  "SELECT concat_ws(' ', tenant_id, entity_id, attribute_id, "
                                  "public.atlas_micros(observed_at)), coalesce(value, 'null') "
                                  "FROM entity_values_ts")
                              .value();
        Table table;
        for (int row = 0; row < rows.size(); ++row) {
            table.emplace(rows.text(row, 0), rows.text(row, 1));
        }
        return table;
    }
    // What the store of a process that has ended holds.
    Table stored() {
        const SystemClock clock;
        auto store =
            analytics::duckdb::DuckStore::open({.path = folder_ / "atlas.duckdb"}, clock).value();
        return read(*store, kPoints).value();
    }
    // Statements on the store of a process that has ended.
    template <class... Sql>
    void damage(Sql... statements) {
        const SystemClock clock;
        auto store =
            analytics::duckdb::DuckStore::open({.path = folder_ / "atlas.duckdb"}, clock).value();
        auto connection = store->connect().value();
        for (const char* sql : {statements...}) EXPECT_TRUE(connection.execute(sql)) << sql;
    }
    static std::int64_t at(int number) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count() -
               number;
    }

    const std::string conninfo_ = TestCluster::shared().make_database();
    std::filesystem::path folder_;
};

// Goal: what a write acknowledged is in the store once, whenever its process is killed.
// Method: new observations and merges into earlier ones; the process is killed before, while and
// after it applies them, and the database server once.
TEST_F(AnalyticsTest, PointsAreInTheStoreOnceThroughKills) {
    std::vector<std::int64_t> times;
    for (int round = 0; round < 4; ++round) {
        Child child(conninfo_, folder_);
        for (int i = 0; i < 10; ++i) {
            times.push_back(at(1000 * round + i));
            ASSERT_EQ(child.post(fmt::format("pump-{}", i), times.back(),
                                 fmt::format(R"("pressure": {}.5, "status": "r{}")", i, round)),
                      200);
        }
        for (int i = 0; i < 5 && round > 0; ++i) {
            ASSERT_EQ(child.post(fmt::format("pump-{}", i), times[static_cast<std::size_t>(i)],
                                 fmt::format(R"("pressure": {}, "n": {})", round, i)),
                      200);
        }
        const Table points = expected();
        if (round == 1) {
            TestCluster::shared().kill();
            TestCluster::shared().start();
        }
        if (round != 2) EXPECT_TRUE(eventually([&] { return child.holds(points); }));
    }
    Child child(conninfo_, folder_);
    const Table points = expected();
    EXPECT_TRUE(eventually([&] { return child.holds(points); }));
    child.kill();
    EXPECT_EQ(stored(), expected());
}

using AnalyticsProperty = AnalyticsTest;

// Goal: the store ends equal to the database, wherever a kill falls: in the initial copy, a batch,
// the store's own commit or checkpoint.
//
// Method: a client posts and merges, a session edits history, entities and attributes by SQL, and
// after a random number of their writes the process is killed; now and then the database is.
TEST_F(AnalyticsProperty, TheStoreEndsEqualWhateverIsKilled) {
    const std::uint64_t seed = test::seed_or(1);
    SCOPED_TRACE(fmt::format("ATLAS_SEED={}", seed));
    std::minstd_rand random(static_cast<unsigned>(seed));
    const std::int64_t start = at(60'000);
    const auto rounds = test::rounds_or(8);
    for (std::uint64_t round = 0; round < rounds; ++round) {
        Child child(conninfo_, folder_);
        auto session = pg::Connection::open(conninfo_, {}).value();
        for (auto left = random() % 60; left > 0; --left) {
            const auto entity = random() % 20;
            const auto time = start + static_cast<std::int64_t>(random() % 30) * 1000;
            if (random() % 8 == 0) {
                const std::string where = fmt::format(
                    "WHERE entity_id = {} AND observed_at > to_timestamp({})", entity, time / 1000);
                const std::string edits[] = {
                    "DELETE FROM observations " + where,
                    "UPDATE observations SET received_at = now() " + where,
                    fmt::format("SELECT atlas_delete_entity(2, {})", entity),
                    fmt::format("SELECT atlas_revive_entity(2, {})", entity),
                    "SELECT atlas_retype_attribute(2, 'a1', 'string')",
                    "SELECT atlas_rename_attribute(2, 'a2', 'b2')",
                    "SELECT atlas_drop_attribute(2, 'b2')",
                    "SELECT atlas_drop_attribute(2, 'a0')"};
                const auto edited = session.exec(edits[random() % std::size(edits)]);
                ASSERT_TRUE(edited) << edited.error().message;
            }
            // What an edit made impossible is refused: 422.
            const int status = child.post(fmt::format("e{}", entity), time,
                                          fmt::format(R"("a{}": {}.5, "s": "v{}")", random() % 3,
                                                      random() % 100, random() % 100));
            ASSERT_TRUE(status == 200 || status == 422) << status;
        }
        if (random() % 5 == 0) {
            TestCluster::shared().kill();
            TestCluster::shared().start();
        }
    }
    Child child(conninfo_, folder_);
    const Table points = expected();
    EXPECT_GT(points.size(), 20U);
    EXPECT_TRUE(eventually([&] { return child.holds(points); }));
    child.kill();
    EXPECT_EQ(stored(), points);
}

// Goal: a database that has data before its store exists is copied, whole and once.
TEST_F(AnalyticsTest, AnExistingDatabaseIsCopied) {
    auto connection = pg::Connection::open(conninfo_, {}).value();
    ASSERT_TRUE(connection.exec_script(
        "SELECT atlas_ensure_partitions(ARRAY[current_date - 40, current_date - 1, current_date]);"
        "INSERT INTO entities (entity_id, tenant_id, external_id) "
        "    SELECT n, 2, 'e' || n FROM generate_series(1000, 1099) n;"
        "INSERT INTO attributes (attribute_id, attribute_name) VALUES (900, 'a'), (901, 'b');"
        "INSERT INTO tenant_attributes (tenant_id, attribute_id, name_id, type) "
        "    VALUES (2, 900, 900, 'double'), (2, 901, 901, 'string');"
        "INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, attrs, "
        "        double_values, text_values) "
        "    SELECT 2, n, (current_date - d)::timestamp AT TIME ZONE 'UTC' + interval '1 hour', "
        "        now(), '{900,901}', ARRAY[n + 0.5], ARRAY['x' || n] "
        "    FROM generate_series(1000, 1099) n, unnest(ARRAY[40, 1, 0]) d"));
    Child child(conninfo_, folder_);
    const Table before = expected();
    EXPECT_EQ(before.size(), 600U);
    EXPECT_TRUE(eventually([&] { return child.holds(before); }));
    ASSERT_EQ(child.post("e1000", at(0), R"("a": 3.5)"), 200);
    const Table after = expected();
    EXPECT_TRUE(eventually([&] { return child.holds(after); }));
    child.kill();
    EXPECT_EQ(stored(), expected());
}

// Goal: a repair that is killed anywhere leaves no point twice and none out, while clients merge
// into what is repaired; the next one ends it.
TEST_F(AnalyticsProperty, ARepairThatIsKilledIsEndedByTheNext) {
    const std::uint64_t seed = test::seed_or(1);
    SCOPED_TRACE(fmt::format("ATLAS_SEED={}", seed));
    std::minstd_rand random(static_cast<unsigned>(seed));
    const std::vector<std::int64_t> times{at(60'000), at(86'460'000), at(172'860'000)};
    const auto post = [&](const Child& child, unsigned entity) {
        return child.post(fmt::format("e{}", entity), times[random() % times.size()],
                          fmt::format(R"("a": {}.5, "s": "v{}")", random() % 9, random() % 9));
    };
    {
        Child child(conninfo_, folder_);
        for (unsigned i = 0; i < 120; ++i) ASSERT_EQ(post(child, i % 40), 200);
        const Table points = expected();
        EXPECT_TRUE(eventually([&] { return child.holds(points); }));
    }
    const auto rounds = test::rounds_or(4);
    for (std::uint64_t round = 0; round < rounds; ++round) {
        damage("DELETE FROM store.recent WHERE entity_id % 3 = 0",
               "UPDATE store.recent SET double_value = 99 WHERE entity_id % 3 = 1",
               // One more each time, however many the kills have left.
               "INSERT INTO store.recent FROM store.recent WHERE entity_id % 7 = 2 QUALIFY "
               "row_number() OVER (PARTITION BY entity_id, attribute_id, observed_at) = 1");
        Child child(conninfo_, folder_);
        // Until its store is filled.
        ASSERT_TRUE(eventually([&] { return child.check() == 202; }));
        for (auto left = random() % 12; left > 0; --left) {
            ASSERT_EQ(post(child, static_cast<unsigned>(random() % 40)), 200);
        }
    }
    Child child(conninfo_, folder_);
    ASSERT_TRUE(eventually([&] { return child.check() == 202; }));
    const Table points = expected();
    EXPECT_TRUE(eventually([&] { return child.holds(points); }));
    child.kill();
    EXPECT_EQ(stored(), points);
}

}  // namespace
}  // namespace atlas::app
