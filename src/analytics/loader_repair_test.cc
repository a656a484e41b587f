// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "analytics/test_loader.h"

namespace atlas::analytics {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LoaderRepair : public LoaderTest {
protected:
    void SetUp() override {
        make_complete(100);
        open();
        show({});
    }
    // What statements show: every transaction before 1000 but those.
    void show(std::vector<std::uint64_t> running, std::uint64_t log_end = 100) {
        source_.shown = {.after = {.timeline = 0, .lsn = Lsn{log_end}},
                         .oldest = running.empty() ? 1000 : running.front(),
                         .next = 1000,
                         .running = std::move(running)};
    }
    void put(std::int64_t entity, std::int64_t time, double value) {
        source_.observations[{.tenant = 2, .entity = entity, .observed_at = time}] =
            observation(entity, time, value);
    }
    void begin_repair(Repair what, milliseconds patience = milliseconds{20'000}) {
        outcome_ = std::async(std::launch::async, [this, what = std::move(what), patience] {
            return loader_->repair(what, patience);
        });
    }
    // Goes on as the reader does where nothing arrives.
    stream::Expected<void> end_repair() {
        while (outcome_.wait_for(milliseconds{1}) != std::future_status::ready) {
            EXPECT_TRUE(loader_->rest());
        }
        return outcome_.get();
    }
    stream::Expected<void> repair(Repair what) {
        begin_repair(std::move(what));
        return end_repair();
    }

    std::future<stream::Expected<void>> outcome_;
};

TEST_F(LoaderRepair, ARangeBecomesWhatTheDatabaseHas) {
    ASSERT_TRUE(begin(200) && insert(1, 10, 1.5) && insert(2, 20, 2.5) && insert(3, 30, 3.5));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    put(1, 10, 9.5);
    put(4, 19, 4.5);
    ASSERT_TRUE(repair({.ranges = {{10, 11}, {15, 25}}}));
    EXPECT_EQ(value(1, 10), "d9.5");
    EXPECT_EQ(value(2, 20), "");
    EXPECT_EQ(value(3, 30), "d3.5");
    EXPECT_EQ(value(4, 19), "d4.5");
    EXPECT_THAT(store_.violations(), IsEmpty());
}

TEST_F(LoaderRepair, RowsOfSmallTablesBecomeWhatTheDatabaseHas) {
    const auto relation =
        relation_of(stream::Table::entities, {"entity_id", "tenant_id", "entity_type"});
    const auto entity_row = [](std::int64_t id, const std::string& type) {
        TestRow row;
        row.int8(id).int8(2).bytes(type);
        return row;
    };
    ASSERT_TRUE(begin(200));
    for (const std::int64_t id : {1, 2}) {
        ASSERT_TRUE(change(relation, stream::Operation::insert, entity_row(id, "old")));
    }
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    const DimensionKey first{.table = stream::Table::entities, .parts = {1, 0}};
    const DimensionKey second{.table = stream::Table::entities, .parts = {2, 0}};
    source_.rows.push_back({.key = first, .relation = relation, .row = entity_row(1, "new")});
    ASSERT_TRUE(repair({.rows = {first, second}}));
    ASSERT_EQ(store_.rows().size(), 1U);
    EXPECT_THAT(store_.rows().begin()->second, ::testing::Contains("new"));
}

// Goal: a repair that reads rows from the store's future leaves each of them there once, when the
// log comes to them, also after a crash in between.
TEST_F(LoaderRepair, TheLogBringsARepairedRowAgain) {
    for (const bool crash : {false, true}) {
        SCOPED_TRACE(crash);
        const std::int64_t entity = crash ? 2 : 1;
        const std::uint64_t at = crash ? 400 : 200;
        put(entity, 10, 7.5);
        show({}, at + 50);
        ASSERT_TRUE(repair({.ranges = {{10, 11}}}));
        EXPECT_EQ(value(entity, 10), "d7.5");
        EXPECT_NE(store_.note("replace"), "");
        if (crash) open();
        ASSERT_TRUE(begin(at) && insert(entity, 10, 6.5) && commit());
        ASSERT_TRUE(begin(at + 20) && update(entity, 10, 7.5) && commit());
        ASSERT_TRUE(begin(at + 100) && insert(entity, 11, 8.5) && commit());
        ASSERT_TRUE(settle());
        EXPECT_EQ(value(entity, 10), "d7.5");
        EXPECT_EQ(value(entity, 11), "d8.5");
        EXPECT_EQ(store_.note("replace"), "");
        EXPECT_THAT(store_.violations(), IsEmpty());
    }
}

TEST_F(LoaderRepair, WaitsForTransactionsThatRunAndForDeliveredOnesToBeVisible) {
    show({150});
    put(1, 10, 1.5);
    begin_repair({.ranges = {{10, 11}}});
    ASSERT_TRUE(test::eventually([&] {
        EXPECT_TRUE(loader_->rest());
        return source_.snapshots > 2;
    }));
    EXPECT_EQ(value(1, 10), "");
    // It is in the log, and not yet visible: a statement that read now would lose it.
    ASSERT_TRUE(begin(300) && insert(1, 10, 2.5) && commit());
    show({300});
    const int before = source_.snapshots;
    ASSERT_TRUE(test::eventually([&] {
        EXPECT_TRUE(loader_->rest());
        return source_.snapshots > before + 2;
    }));
    EXPECT_EQ(outcome_.wait_for(milliseconds{0}), std::future_status::timeout);
    put(1, 10, 2.5);
    show({}, 310);
    ASSERT_TRUE(end_repair());
    EXPECT_EQ(value(1, 10), "d2.5");
    EXPECT_THAT(store_.violations(), IsEmpty());
}

TEST_F(LoaderRepair, GivesUpWhenATransactionStaysOpen) {
    show({150});
    put(1, 10, 1.5);
    begin_repair({.ranges = {{10, 11}}}, milliseconds{50});
    const auto outcome = end_repair();
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().message, HasSubstr("open for too long"));
    EXPECT_EQ(value(1, 10), "");
    show({});
    EXPECT_TRUE(repair({.ranges = {{10, 11}}}));
    EXPECT_EQ(value(1, 10), "d1.5");
}

TEST_F(LoaderRepair, FailsWithTheStoreAndCanBeRepeated) {
    put(1, 10, 1.5);
    store_.fail(1);
    begin_repair({.ranges = {{10, 11}}});
    while (outcome_.wait_for(milliseconds{1}) != std::future_status::ready) {
        if (!loader_->rest()) ASSERT_TRUE(resume());
    }
    EXPECT_FALSE(outcome_.get());
    EXPECT_EQ(value(1, 10), "");
    ASSERT_TRUE(resume());
    EXPECT_TRUE(repair({.ranges = {{10, 11}}}));
    EXPECT_EQ(value(1, 10), "d1.5");
}

}  // namespace
}  // namespace atlas::analytics
