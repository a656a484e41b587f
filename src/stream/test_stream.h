// SPDX-License-Identifier: Apache-2.0
//
// A database with a reader on its log, for tests.
//
// Lifetime   one per test; its slot is dropped at the end.
// Threading  the test's thread.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "pg/connection.h"
#include "stream/stream_reader.h"
#include "stream/test_follower.h"
#include "testing/eventually.h"
#include "testing/test_cluster.h"

namespace atlas::stream {

class FixedSlot final : public SlotHolder {
public:
    explicit FixedSlot(std::string name) : name_(std::move(name)) {}
    Holding holding() const override { return {.state = Holding::State::held, .slot = name_}; }
    std::optional<SlotState> measured() const override { return std::nullopt; }

private:
    const std::string name_;
};

class StreamTest : public ::testing::Test {
protected:
    void TearDown() override {
        stop();
        primary_.stop();
        EXPECT_TRUE(drop_slots());
    }

    [[nodiscard]] bool drop_slots() { return test::TestCluster::shared().drop_slots(conninfo_); }

    static pg::Connection connect(const std::string& conninfo) {
        return pg::Connection::open(conninfo, {}).value();
    }
    void run(const std::string& sql) {
        const auto done = connection_.exec_script(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    // The first cell as a superuser sees it.
    std::string one(const std::string& sql) {
        auto rows = admin_.exec(sql);
        if (!rows && rows.error().kind == pg::ErrorKind::connection) {
            admin_ = connect(test::TestCluster::shared().as_superuser(conninfo_));
            rows = admin_.exec(sql);
        }
        if (!rows) return rows.error().message;
        return rows->empty() ? "" : std::string(rows->text(0, 0));
    }
    // One observation of an entity of that number.
    void observe(int entity) { observe(entity, entity); }
    // One transaction with the observations of entities `from` to `to`.
    void observe(int from, int to) {
        run(
            fmt::format("INSERT INTO observations (tenant_id, entity_id, observed_at, received_at,"
                        " attrs, double_values) SELECT 2, n, now(), now(), '{{1}}', '{{1.5}}'"
                        " FROM generate_series({}, {}) n",
                        from, to));
    }

    ReaderOptions options() {
        ReaderOptions options;
        options.conninfo = test::TestCluster::shared().as_replication(conninfo_);
        options.longest_pause = std::chrono::milliseconds{200};
        return options;
    }
    void start() { start(options()); }
    void start(ReaderOptions options) {
        registry_ = std::make_unique<observe::Registry>();
        reader_.emplace(std::move(options), followers_, holder_, primary_, *registry_, clock_);
        reader_->start();
    }
    void stop() { reader_.reset(); }
    [[nodiscard]] bool await_state(ReaderState state) {
        return test::eventually([&] { return reader_->status().state == state; });
    }
    [[nodiscard]] bool await_rows(std::size_t count) {
        return test::eventually([&] { return follower_.rows().size() >= count; });
    }

    static std::string new_slot() {
        static int count = 0;
        return fmt::format("atlas_test_{}", ++count);
    }

    const std::string conninfo_ = test::TestCluster::shared().make_database();
    const std::string slot_ = new_slot();
    FixedSlot holder_{slot_};
    pg::Connection connection_ = connect(conninfo_);
    pg::Connection admin_ = connect(test::TestCluster::shared().as_superuser(conninfo_));
    SystemClock clock_;
    std::unique_ptr<observe::Registry> registry_;
    PrimaryClock primary_{conninfo_, clock_};
    TestFollower follower_;
    TestFollower second_{"second"};  // for tests that add it to followers_
    std::vector<Subscriber*> followers_{&follower_};
    std::optional<StreamReader> reader_;
};

}  // namespace atlas::stream
