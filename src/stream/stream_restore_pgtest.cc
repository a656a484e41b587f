// SPDX-License-Identifier: Apache-2.0
//
// Goal: a server that was restored from an older copy, or promoted, is not taken for the one that
// the follower's data came from.
// Method: a server of its own, whose files are copied while it is stopped, its slot with them.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "stream/test_stream.h"

namespace atlas::stream {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using ::testing::HasSubstr;

class StreamRestoreTest : public ::testing::Test {
protected:
    void SetUp() override {
        run("SELECT atlas_ensure_partitions(ARRAY[current_date])");
        start_reader();
        ASSERT_TRUE(comes_to(ReaderState::streaming));
        observe(1);
        ASSERT_TRUE(eventually([&] { return follower_.rows().size() == 1; }));
        reader_.reset();
        cluster_.stop();
        fs::copy(data(), copy(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        own(copy());
        fs::permissions(copy(), fs::perms::owner_all);
        for (const auto& entry : fs::recursive_directory_iterator(copy())) own(entry.path());
        cluster_.start();
        observe(2);
        start_reader();
        ASSERT_TRUE(eventually([&] { return follower_.rows().size() == 2; }));
        reader_.reset();
    }

    fs::path data() const { return cluster_.dir() / "data"; }
    fs::path copy() const { return cluster_.dir() / "copy"; }
    // The server's files belong to its user.
    void own(const fs::path& path) const {
        struct stat owner{};
        ASSERT_EQ(::stat(data().c_str(), &owner), 0);
        ASSERT_EQ(::lchown(path.c_str(), owner.st_uid, owner.st_gid), 0);
    }
    void restore() {
        cluster_.stop();
        fs::remove_all(data());
        fs::rename(copy(), data());
    }
    void run(const std::string& sql) {
        auto connection = pg::Connection::open(cluster_.as_superuser(conninfo_), {});
        ASSERT_TRUE(connection) << pg::describe(connection.error());
        const auto done = connection->exec_script(sql);
        ASSERT_TRUE(done) << pg::describe(done.error());
    }
    void observe(int entity) {
        run(
            fmt::format("INSERT INTO observations (tenant_id, entity_id, observed_at, received_at,"
                        " attrs, double_values) VALUES (2, {}, now(), now(), '{{1}}', '{{1.5}}')",
                        entity));
    }
    void start_reader() {
        ReaderOptions options;
        options.conninfo = cluster_.as_replication(conninfo_);
        reader_.reset();
        registry_ = std::make_unique<observe::Registry>();
        reader_.emplace(options, std::vector<Subscriber*>{&follower_}, holder_, primary_,
                        *registry_, clock_);
        reader_->start();
    }
    [[nodiscard]] bool comes_to(ReaderState state) {
        return eventually([&] { return reader_->status().state == state; });
    }
    std::string failure_of_follower() {
        const auto failed = reader_->status().followers.at(0).failed;
        return failed ? failed->message : "";
    }

    test::TestCluster cluster_;
    const std::string conninfo_ = cluster_.make_database();
    SystemClock clock_;
    PrimaryClock primary_{conninfo_, clock_};
    FixedSlot holder_{"atlas_restore"};
    TestFollower follower_;
    std::unique_ptr<observe::Registry> registry_;
    std::optional<StreamReader> reader_;
};

// Goal: the copy's log ends before the follower's data does; what the server commits below that
// would be withheld. After a rebuild all of it comes; then the server is made a standby and
// promoted: what is part of its history goes on, a commit that was lost is noticed.
TEST_F(StreamRestoreTest, AnOlderCopyAndAPromotedServerAreNoticed) {
    restore();
    cluster_.start();
    start_reader();
    ASSERT_TRUE(comes_to(ReaderState::stopped));
    EXPECT_THAT(failure_of_follower(), HasSubstr("restored from an older copy"));
    EXPECT_TRUE(reader_->rebuild(""));
    ASSERT_TRUE(comes_to(ReaderState::streaming));
    observe(3);
    ASSERT_TRUE(eventually([&] { return follower_.rows().size() == 1; }));
    EXPECT_EQ(follower_.values("entity_id").front(), "3");
    reader_.reset();
    cluster_.stop();
    std::ofstream(data() / "standby.signal").close();
    own(data() / "standby.signal");
    cluster_.start();
    start_reader();
    ASSERT_TRUE(comes_to(ReaderState::unavailable));
    EXPECT_THAT(reader_->status().detail, HasSubstr("the server is a standby"));
    run("SELECT pg_promote()");
    // Its data is part of the new timeline's history, and the slot came with the files.
    start_reader();
    ASSERT_TRUE(comes_to(ReaderState::streaming));
    observe(4);
    ASSERT_TRUE(eventually([&] { return follower_.rows().size() == 2; }));
    EXPECT_EQ(follower_.values("entity_id").back(), "4");
    EXPECT_EQ(follower_.checkpoint()->position.timeline, 2);
    // As if a commit that it holds had been lost.
    reader_.reset();
    auto lost = *follower_.checkpoint();
    lost.position.timeline = 1;
    follower_.set_checkpoint(lost);
    start_reader();
    ASSERT_TRUE(comes_to(ReaderState::stopped));
    EXPECT_THAT(failure_of_follower(), HasSubstr("of timeline 1, which is no part"));
    EXPECT_TRUE(reader_->rebuild("test"));
    ASSERT_TRUE(comes_to(ReaderState::streaming));
    observe(5);
    ASSERT_TRUE(eventually([&] { return follower_.rows().size() == 1; }));
    EXPECT_EQ(follower_.checkpoint()->position.timeline, 2);
}

}  // namespace
}  // namespace atlas::stream
