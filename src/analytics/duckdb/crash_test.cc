// SPDX-License-Identifier: Apache-2.0
//
// Goal: a store whose process is killed at any moment, in a batch, a commit, a checkpoint or a step
// of upkeep, has every batch that was acknowledged, whole, and nothing of another one but the next.
// The same when the disk is full.
// Method: a child process writes numbered batches that correct earlier ones and reports each that
// was applied. The parent kills it, opens the store and compares it with what those batches make.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "analytics/duckdb/test_store.h"

namespace atlas::analytics::duckdb {
namespace {

constexpr std::int64_t kEntities = 500;
constexpr std::int64_t kCorrected = 100;  // of the batch three before: half removed, half changed

// Batches are two minutes apart, in days that are closed.
std::int64_t instant(const Clock& clock, std::int64_t batch) {
    return floor_div(to_micros(clock.system()), kDayMicros) * kDayMicros - 5 * kDayMicros +
           batch * 120'000'000;
}

Batch numbered(const Clock& clock, std::int64_t number) {
    Batch batch = test::batch_of({}, static_cast<std::uint64_t>(number));
    for (std::int64_t entity = 0; entity < kEntities; ++entity) {
        test::add(batch.points, {1, entity, 1, instant(clock, number), number});
    }
    if (number <= 3) return batch;
    for (std::int64_t entity = 0; entity < kCorrected; ++entity) {
        const std::int64_t at = instant(clock, number - 3);
        batch.removed.push_back({1, entity, at});
        if (entity < kCorrected / 2) test::add(batch.points, {1, entity, 1, at, -number});
    }
    return batch;
}

// "count|sum" of the points after that many batches.
std::string expected(std::int64_t batches) {
    std::int64_t count = 0;
    std::int64_t sum = 0;
    for (std::int64_t n = 1; n <= batches; ++n) {
        const bool corrected = n + 3 <= batches;
        const std::int64_t kept = corrected ? kEntities - kCorrected : kEntities;
        count += kept + (corrected ? kCorrected / 2 : 0);
        sum += kept * n - (corrected ? kCorrected / 2 * (n + 3) : 0);
    }
    return fmt::format("{}|{}\n", count, sum);
}

StoreOptions options(const std::filesystem::path& folder) {
    StoreOptions options{.path = folder / "analytics.duckdb",
                         .min_settled_points = 1,
                         .min_points_per_aggregate = 1};
    options.database.settings = {{"checkpoint_threshold", "200KB"}};
    options.upkeep_interval = std::chrono::seconds{0};
    return options;
}

std::int64_t applied(DuckStore& store) {
    const auto state = store.state().value();
    return state.until ? static_cast<std::int64_t>(state.until->lsn.value) : 0;
}

void check(DuckStore& store, std::int64_t batches) {
    EXPECT_EQ(test::all(store, "SELECT count(*), sum(int_value) FROM store.points"),
              batches == 0 ? "0|null\n" : expected(batches));
    if (batches == 0) return;
    EXPECT_EQ(test::all(store, "SELECT sum(count), sum(int_sum) FROM store.hourly_current"),
              expected(batches));
    EXPECT_EQ(test::all(store,
                        "SELECT count(*) FROM (SELECT 1 FROM store.points GROUP BY tenant_id, "
                        "entity_id, attribute_id, observed_at HAVING count(*) > 1)"),
              "0\n");
}

// Runs in the child, which ends with its result.
template <class Body>
pid_t in_child(Body body) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::_exit(body());
}

int exit_status(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Applies batches until it is killed; writes the number of each to `report`.
int write_batches(const std::filesystem::path& folder, const Clock& clock, int report) {
    auto store = DuckStore::open(options(folder), clock);
    if (!store) return 1;
    (*store)->start();
    for (std::int64_t number = applied(**store) + 1;; ++number) {
        if (!(*store)->apply(numbered(clock, number))) return 2;
        if (::write(report, &number, sizeof number) != sizeof number) return 3;
    }
}

TEST(StoreCrash, AKilledProcessLeavesWholeBatches) {
    const test::TempFolder folder;
    const atlas::test::ManualClock clock;
    std::mt19937 random(7);
    std::int64_t last = 0;
    for (int round = 0; round < 12 && !testing::Test::HasFailure(); ++round) {
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe(ends.data()), 0);
        const pid_t child = in_child([&] { return write_batches(folder.path(), clock, ends[1]); });
        ::close(ends[1]);
        // A few batches, then somewhere in the next one, or in the upkeep beside it.
        std::int64_t acknowledged = last;
        for (auto batches = 1 + random() % 8; batches > 0; --batches) {
            ASSERT_EQ(::read(ends[0], &acknowledged, sizeof acknowledged),
                      static_cast<ssize_t>(sizeof acknowledged));
        }
        const auto until =
            std::chrono::steady_clock::now() + std::chrono::microseconds{random() % 30'000};
        while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
        ::kill(child, SIGKILL);
        EXPECT_EQ(exit_status(child), -1) << "it ended by itself";
        while (::read(ends[0], &acknowledged, sizeof acknowledged) > 0) {
        }
        ::close(ends[0]);

        auto store = DuckStore::open(options(folder.path()), clock);
        ASSERT_TRUE(store) << store.error().message;
        const std::int64_t found = applied(**store);
        EXPECT_GE(found, acknowledged);
        EXPECT_LE(found, acknowledged + 1);
        check(**store, found);
        last = found;
    }
    EXPECT_GT(last, 12);
    auto store = DuckStore::open(options(folder.path()), clock).value();
    ASSERT_TRUE(store->compact());
    check(*store, last);
    EXPECT_EQ(test::all(*store, "SELECT count(*) FROM store.open_hours"), "0\n");
}

// A limit of file sizes in place of a full disk: writes fail.
int fill_the_disk(const std::filesystem::path& folder, const Clock& clock) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto opened = DuckStore::open(options(folder), clock);
    if (!opened) return 1;
    DuckStore& store = **opened;
    std::int64_t number = 1;
    for (; number <= 10; ++number) {
        if (!store.apply(numbered(clock, number))) return 2;
    }
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t whole = limit.rlim_cur;
    limit.rlim_cur = store.storage_bytes() + 100'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int failures = 0;
    for (int attempt = 0; attempt < 400 && failures < 5; ++attempt) {
        const auto done = store.apply(numbered(clock, number));
        if (done) {
            ++number;
        } else if (done.error().kind == StoreError::Kind::damaged &&
                   done.error().message.find("replaced") != std::string::npos) {
            return 3;
        } else {
            ++failures;
        }
    }
    if (failures < 5) return 4;
    limit.rlim_cur = whole;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    for (int attempt = 0; attempt < 5; ++attempt) {
        if (!store.apply(numbered(clock, number))) continue;
        return applied(store) == number ? 0 : 5;
    }
    return 6;
}

TEST(StoreCrash, AFullDiskRefusesBatchesAndNothingIsLost) {
    const test::TempFolder folder;
    const atlas::test::ManualClock clock;
    EXPECT_EQ(exit_status(in_child([&] { return fill_the_disk(folder.path(), clock); })), 0);
    auto store = DuckStore::open(options(folder.path()), clock);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_GT(applied(**store), 10);
    check(**store, applied(**store));
}

TEST(StoreCrash, AnotherProcessIsToldThatTheFileIsOpen) {
    const test::TempFolder folder;
    const atlas::test::ManualClock clock;
    auto store = DuckStore::open(options(folder.path()), clock).value();
    EXPECT_EQ(exit_status(in_child([&] {
                  auto second = DuckStore::open(options(folder.path()), clock);
                  if (second) return 1;
                  return second.error().kind == StoreError::Kind::unavailable ? 0 : 2;
              })),
              0);
}

}  // namespace
}  // namespace atlas::analytics::duckdb
