// SPDX-License-Identifier: Apache-2.0
//
// Goal: the reported lag is the age of the oldest commit that is not applied: zero when all is, not
// lower than the truth by more than the measuring interval, not higher; by the primary's clock.
// Method: a follower that waits in the middle; the truth from the database, with the clock of this
// process an hour off.
#include <signal.h>

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "stream/test_stream.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;
using test::eventually;

class WrongClock final : public Clock {
public:
    Steady steady() const override { return std::chrono::steady_clock::now(); }
    Time system() const override { return now() + 1h; }

private:
    void wait(std::condition_variable& wake, std::unique_lock<std::mutex>& lock,
              Steady until) const override {
        wake.wait_until(lock, until);
    }
};

class StreamLagTest : public StreamTest {
protected:
    void SetUp() override {
        run("SELECT atlas_ensure_partitions(ARRAY[current_date])");
        follower_.on_change = [this](const Change&) -> Expected<void> {
            if (refusing_) return failure(Error{.message = "not now"});
            eventually_open();
            return {};
        };
        follower_.on_resume = [this] {
            if (refusing_) began_with_.add(lag());
        };
        clock_of_primary_.start();
        registry_ = std::make_unique<observe::Registry>();
        reader_.emplace(options(), followers_, holder_, clock_of_primary_, *registry_, wrong_);
        reader_->start();
        ASSERT_TRUE(await_state(ReaderState::streaming));
    }
    void TearDown() override {
        open_ = true;
        StreamTest::TearDown();
        clock_of_primary_.stop();
    }
    void eventually_open() const {
        EXPECT_TRUE(eventually([this] { return open_.load(); }));
    }
    std::optional<double> lag() { return reader_->status().followers.at(0).lag_seconds; }
    // The age of a moment of the database, in seconds.
    double age(const std::string& moment) {
        return std::stod(one("SELECT extract(epoch FROM clock_timestamp() - '" + moment + "')"));
    }
    std::string moment() { return one("SELECT clock_timestamp()"); }

    WrongClock wrong_;
    PrimaryClock clock_of_primary_{conninfo_, wrong_};
    std::atomic<bool> open_{true};
    std::atomic<bool> refusing_{false};

    // The lags that were reported while sessions began, with the time.
    class Reported {
    public:
        using Steady = std::chrono::steady_clock::time_point;
        void add(std::optional<double> lag) {
            const std::scoped_lock lock(mutex_);
            all_.emplace_back(std::chrono::steady_clock::now(), lag);
        }
        std::vector<std::pair<Steady, std::optional<double>>> all() const {
            const std::scoped_lock lock(mutex_);
            return all_;
        }

    private:
        mutable std::mutex mutex_;
        std::vector<std::pair<Steady, std::optional<double>>> all_;
    };
    Reported began_with_;
};

constexpr double kInterval = 1.0;

TEST_F(StreamLagTest, IsTheAgeOfTheOldestCommitThatIsNotApplied) {
    ASSERT_TRUE(eventually([&] { return lag() == 0.0; }));
    open_ = false;
    const std::string before = moment();
    observe(1);
    const std::string after = moment();
    ASSERT_TRUE(eventually([&] { return lag().value_or(0) > 0.3; }));
    for (int younger = 2; younger < 5; ++younger) {
        observe(younger);
        const double least = age(after) - kInterval;
        const auto reported = lag();
        ASSERT_TRUE(reported);
        EXPECT_GE(*reported, least);
        EXPECT_LE(*reported, age(before));
    }
    open_ = true;
    ASSERT_TRUE(await_rows(4));
    ASSERT_TRUE(eventually([&] { return lag() == 0.0; }));
}

// Goal: log without changes is no lag, nor is a transaction that stays open; and a commit that the
// server has not sent ages.
TEST_F(StreamLagTest, CountsWhatTheServerHasNotSent) {
    ASSERT_TRUE(eventually([&] { return lag() == 0.0; }));
    auto other = connect(conninfo_);
    ASSERT_TRUE(other.exec_script("BEGIN; INSERT INTO shapes (attrs) VALUES ('{1}')"));
    run("SELECT atlas_heartbeat()");
    run("CREATE TABLE unrelated AS SELECT generate_series(1, 1000)");
    const Lsn end = parse_lsn(one("SELECT pg_current_wal_insert_lsn()")).value();
    ASSERT_TRUE(eventually([&] { return reader_->status().received->lsn >= end && lag() == 0.0; }));
    // A sender that is stopped.
    const auto pid = static_cast<pid_t>(std::stol(
        one("SELECT active_pid FROM pg_replication_slots WHERE slot_name = '" + slot_ + "'")));
    ASSERT_EQ(::kill(pid, SIGSTOP), 0);
    const std::string before = moment();
    observe(1);
    const std::string after = moment();
    const bool aged = eventually([&] { return lag().value_or(0) > 0.5; });
    const double least = age(after) - kInterval;
    const auto reported = lag();
    const double most = age(before);
    ::kill(pid, SIGCONT);
    EXPECT_TRUE(aged);
    ASSERT_TRUE(reported);
    EXPECT_GE(*reported, least);
    EXPECT_LE(*reported, most);
    ASSERT_TRUE(await_rows(1));
    ASSERT_TRUE(eventually([&] { return lag() == 0.0; }));
}

// Goal: a follower that takes nothing, with one session after the other, is never shown as fresh,
// not even in the moment in which a session begins.
TEST_F(StreamLagTest, IsNotTooLowWhileSessionsBegin) {
    ASSERT_TRUE(eventually([&] { return lag() == 0.0; }));
    refusing_ = true;
    observe(1);
    const auto committed = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually([&] { return lag().value_or(0) > 2 * kInterval; }));
    const auto before = began_with_.all().size();
    ASSERT_TRUE(eventually([&] { return began_with_.all().size() > before + 4; }));
    const auto all = began_with_.all();
    for (auto one = all.begin() + static_cast<std::ptrdiff_t>(before); one != all.end(); ++one) {
        const auto& [at, reported] = *one;
        const double age = std::chrono::duration<double>(at - committed).count();
        EXPECT_GE(reported.value_or(age), age - kInterval);
    }
    refusing_ = false;
    ASSERT_TRUE(await_rows(1));
    ASSERT_TRUE(eventually([&] { return lag() == 0.0; }));
}

TEST_F(StreamLagTest, IsUnknownWhenItIsNotMeasured) {
    ASSERT_TRUE(eventually([&] { return lag() == 0.0; }));
    clock_of_primary_.stop();
    ASSERT_TRUE(eventually([&] { return lag() == std::nullopt; }));
    EXPECT_EQ(reader_->status().state, ReaderState::streaming);
}

}  // namespace
}  // namespace atlas::stream
