// SPDX-License-Identifier: Apache-2.0
#include "analytics/loader.h"

#include "analytics/test_loader.h"

namespace atlas::analytics {
namespace {

using stream::Operation;
using stream::Table;
using ::testing::IsEmpty;
using Remedy = stream::Error::Remedy;

class ChangesTest : public LoaderTest {
protected:
    ChangesTest() {
        make_complete(100);
        open();
    }
    void TearDown() override { EXPECT_THAT(store_.violations(), IsEmpty()); }
};

TEST_F(ChangesTest, APointIsInTheStoreWithItsPosition) {
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(7, 1000, 1.5));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(value(7, 1000), "d1.5");
    EXPECT_EQ(store_.until(), at(208));
    EXPECT_EQ(loader_->checkpoint()->position, at(208));
    EXPECT_EQ(loader_->checkpoint()->system_id, "77");
}

TEST_F(ChangesTest, AnUpdateReplacesWhatTheStoreHolds) {
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(7, 1000, 1));
    ASSERT_TRUE(insert(7, 2000, 5));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    ASSERT_TRUE(begin(300));
    ASSERT_TRUE(update(7, 1000, 2));
    ASSERT_TRUE(update(7, 1000, 3));
    ASSERT_TRUE(remove(7, 2000));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(value(7, 1000), "d3");
    EXPECT_EQ(value(7, 2000), "");
}

// Goal: of several changes of one observation in a batch the last one counts.
// Method: each order of insert, update and removal, in one transaction and so in one batch.
TEST_F(ChangesTest, TheLastChangeOfABatchCounts) {
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(update(1, 1000, 2));
    ASSERT_TRUE(insert(2, 1000, 1));
    ASSERT_TRUE(remove(2, 1000));
    ASSERT_TRUE(insert(3, 1000, 1));
    ASSERT_TRUE(remove(3, 1000));
    ASSERT_TRUE(insert(3, 1000, 9));
    ASSERT_TRUE(insert(4, 1000, 4));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(value(1, 1000), "d2");
    EXPECT_EQ(value(2, 1000), "");
    EXPECT_EQ(value(3, 1000), "d9");
    EXPECT_EQ(value(4, 1000), "d4");
    ASSERT_TRUE(begin(300));
    ASSERT_TRUE(remove(4, 1000));
    ASSERT_TRUE(insert(4, 1000, 8));
    ASSERT_TRUE(update(3, 1000, 7));
    ASSERT_TRUE(remove(3, 1000));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(value(4, 1000), "d8");
    EXPECT_EQ(value(3, 1000), "");
    EXPECT_EQ(store_.size(), 2U);
}

TEST_F(ChangesTest, AnObservationThatMovesLeavesNothingBehind) {
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    ASSERT_TRUE(begin(300));
    ASSERT_TRUE(change(Operation::update, observation(1, 2000, 1), old_key(2, 1, 1000)));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(store_.size(), 1U);
    EXPECT_EQ(value(1, 2000), "d1");
}

TEST_F(ChangesTest, TruncateForgetsWhatCameBefore) {
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    ASSERT_TRUE(begin(300));
    ASSERT_TRUE(insert(2, 1000, 1));
    ASSERT_TRUE(change(Operation::truncate, {}));
    ASSERT_TRUE(insert(1, 1000, 3));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(store_.size(), 1U);
    EXPECT_EQ(value(1, 1000), "d3");
}

// Goal: an array that an update did not touch, which the log leaves out, is not lost.
TEST_F(ChangesTest, WhatTheLogLeavesOutIsReadFromTheDatabase) {
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(insert(2, 1000, 1));
    ASSERT_TRUE(insert(3, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    source_.observations[{.tenant = 2, .entity = 1, .observed_at = 1000}] = observation(1, 1000, 6);
    source_.observations[{.tenant = 2, .entity = 3, .observed_at = 1000}] = observation(3, 1000, 6);
    const auto touched = [](std::int64_t entity) {
        TestRow row;
        row.int8(2).int8(entity).time(1000).time(2000);
        return row.null().int4s({1}).null().unchanged().null().null();
    };
    ASSERT_TRUE(begin(300));
    ASSERT_TRUE(change(Operation::update, touched(1)));
    ASSERT_TRUE(change(Operation::update, touched(2)));  // it is gone by now
    ASSERT_TRUE(change(Operation::update, touched(3)));
    ASSERT_TRUE(update(3, 1000, 8));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(value(1, 1000), "d6");
    EXPECT_EQ(value(2, 1000), "");
    EXPECT_EQ(value(3, 1000), "d8");
    EXPECT_EQ(source_.asked, 2);
}

TEST_F(ChangesTest, ShapesComeFromTheLogOrElseFromTheDatabase) {
    const stream::Relation shapes = relation_of(Table::shapes, {"shape_id", "attrs"});
    source_.shapes[6] = {1, 2};
    const auto shaped = [](std::int64_t entity, std::int32_t shape) {
        TestRow row;
        row.int8(2).int8(entity).time(1000).time(1000);
        return row.int4(shape).null().int8s({5, 6}).null().null().null();
    };
    ASSERT_TRUE(begin(200));
    TestRow shape;
    ASSERT_TRUE(change(shapes, Operation::insert, shape.int4(5).int4s({8, 9})));
    ASSERT_TRUE(change(Operation::insert, shaped(1, 5)));
    EXPECT_EQ(source_.asked, 0);
    ASSERT_TRUE(change(Operation::insert, shaped(2, 6)));
    ASSERT_TRUE(change(Operation::insert, shaped(3, 6)));
    EXPECT_EQ(source_.asked, 1);
    ASSERT_TRUE(change(Operation::insert, shaped(4, 99)));  // of no shape: no attribute is known
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    const auto points = store_.points();
    EXPECT_EQ(points.size(), 6U);
    EXPECT_EQ(points.at("2 1 1000 9"), "i6");
    EXPECT_EQ(points.at("2 3 1000 1"), "i5");
}

TEST_F(ChangesTest, SmallTablesHaveTheLastRowOfEachKey) {
    const stream::Relation entities = relation_of(
        Table::entities,
        {"entity_id", "tenant_id", "entity_type", "created_at", "is_deleted", "external_id"});
    const auto row = [](std::int64_t id, const char* type, bool deleted) {
        TestRow row;
        return row.int8(id).int8(2).bytes(type).time(1000).boolean(deleted).bytes("pump-1");
    };
    const auto old = [](std::int64_t id) {
        TestRow row;
        return row.int8(id).null().null().null().null().null();
    };
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(change(entities, Operation::insert, row(1, "pump", false)));
    ASSERT_TRUE(change(entities, Operation::insert, row(2, "pump", false)));
    ASSERT_TRUE(change(entities, Operation::insert, row(3, "pump", false)));
    ASSERT_TRUE(change(entities, Operation::update, row(1, "valve", true)));
    ASSERT_TRUE(change(entities, Operation::remove, {}, old(2)));
    ASSERT_TRUE(change(entities, Operation::update, row(4, "pump", false), old(3)));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    const std::map<MemoryStore::RowKey, std::vector<std::string>> expected{
        {{Table::entities, {"1"}}, {"1", "2", "valve", "1000", "true", "pump-1"}},
        {{Table::entities, {"4"}}, {"4", "2", "pump", "1000", "false", "pump-1"}}};
    EXPECT_EQ(store_.rows(), expected);
}

TEST_F(ChangesTest, AnIdleLogMovesThePosition) {
    ASSERT_TRUE(loader_->advance(at(500)));
    EXPECT_TRUE(test::eventually([&] {
        static_cast<void>(loader_->rest());
        return loader_->applied()->position == at(500);
    }));
    EXPECT_EQ(store_.size(), 0U);
}

TEST_F(ChangesTest, ADamagedRowStopsTheLoader) {
    ASSERT_TRUE(begin(200));
    TestRow row;
    row.int8(2).int8(1).time(1).time(1).null().int4s({1}).bytes("?").null().null().null();
    const auto done = change(Operation::insert, row);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().remedy, Remedy::stop);
    EXPECT_THAT(done.error().message, ::testing::HasSubstr("observations"));
}

// Goal: a batch that the store refuses is neither lost nor applied twice.
TEST_F(ChangesTest, ARefusedBatchComesAgain) {
    store_.fail(1);
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(test::eventually([&] { return !loader_->rest(); }));
    const auto refused = loader_->begin(transaction(300));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().remedy, Remedy::retry);
    EXPECT_EQ(loader_->status().failure, "no room");
    EXPECT_EQ(loader_->checkpoint()->position, at(100));
    EXPECT_EQ(loader_->applied()->position, at(100));
    ASSERT_TRUE(resume());
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(value(1, 1000), "d1");
    EXPECT_EQ(loader_->status().failure, "");
}

TEST_F(ChangesTest, ADamagedStoreAsksForARebuild) {
    store_.fail(1, StoreError::Kind::damaged);
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(test::eventually([&] { return !loader_->rest(); }));
    EXPECT_EQ(loader_->rest().error().remedy, Remedy::rebuild);
    EXPECT_TRUE(loader_->status().rebuild);
    ASSERT_TRUE(loader_->start_over());
    EXPECT_FALSE(loader_->status().rebuild);
    EXPECT_FALSE(loader_->checkpoint());
}

// Goal: a transaction that is larger than a batch is in the store once, whenever the process ends.
// Method: a transaction of several batches, cut off after each number of them by a new loader.
TEST_F(ChangesTest, ATransactionLargerThanABatchIsStoredOnce) {
    open({.interval = std::chrono::milliseconds{0}, .max_points = 500});
    constexpr int kRows = 1'200;
    const auto feed = [&](int rows) {
        ASSERT_TRUE(begin(200));
        for (int i = 0; i < rows; ++i) ASSERT_TRUE(insert(i, 1000, i));
    };
    feed(600);
    ASSERT_TRUE(test::eventually([&] { return store_.size() == 500; }));
    EXPECT_EQ(store_.until(), at(100));
    open({.max_points = 500});  // the first loader ends in the middle
    EXPECT_EQ(loader_->checkpoint()->position, at(100));
    feed(1'100);
    ASSERT_TRUE(test::eventually([&] { return store_.size() == 1'000; }));
    EXPECT_EQ(store_.note("part"), "1 0/C8 1000");
    open({.interval = std::chrono::milliseconds{0}, .max_points = 500});
    feed(kRows);
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(store_.size(), std::size_t{kRows});
    EXPECT_EQ(store_.until(), at(208));
    ASSERT_TRUE(begin(300));
    ASSERT_TRUE(insert(-1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(store_.note("part"), "");
}

TEST_F(ChangesTest, APartOfATransactionThatTheLogLostAsksForARebuild) {
    Batch batch;
    batch.notes = {{.name = "part", .text = "1 0/C8 5"}};
    ASSERT_TRUE(store_.apply(batch));
    open();
    EXPECT_EQ(begin(300).error().remedy, Remedy::rebuild);
}

TEST_F(ChangesTest, WhatTheStoreHoldsIsNotAppliedAgain) {
    ASSERT_TRUE(begin(50));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(2, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(store_.size(), 1U);
}

// Goal: a store that cannot be opened yet is no new one: nothing is copied into it, and the log
// waits until it says how far it is.
TEST_F(LoaderTest, AStoreThatCannotBeOpenedIsAskedAgain) {
    make_complete(100);
    store_.set_closed(true);
    registry_ = std::make_unique<observe::Registry>();
    plan_ = std::make_unique<InitialCopyPlan>();
    copy_ = std::make_unique<InitialCopy>("host=/nonexistent", *plan_, store_, *registry_);
    loader_ = std::make_unique<Loader>(store_, source_, *plan_, *copy_, *registry_, clock_);
    ASSERT_TRUE(loader_->open());
    EXPECT_EQ(loader_->status().failure, "no way in");
    const auto ready = loader_->ready();
    ASSERT_FALSE(ready);
    EXPECT_EQ(ready.error().remedy, Remedy::retry);
    EXPECT_FALSE(loader_->checkpoint());
    EXPECT_FALSE(loader_->filled());
    store_.set_closed(false);
    ASSERT_TRUE(loader_->ready());
    EXPECT_EQ(loader_->status().failure, "");
    EXPECT_EQ(loader_->checkpoint()->position, at(100));
    ASSERT_TRUE(resume());
    EXPECT_TRUE(loader_->filled());
}

// Goal: what the store says of itself ends with the next batch that it takes, also when nothing but
// the position is left to be stored.
TEST_F(LoaderTest, AFailureIsOverWhenTheStoreTakesABatch) {
    make_complete(100);
    open();
    store_.fail(1);
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(test::eventually([&] {
        const auto rested = loader_->rest();
        return !rested || !loader_->status().failure.empty();
    }));
    EXPECT_EQ(loader_->status().failure, "no room");
    ASSERT_TRUE(resume());
    EXPECT_EQ(loader_->status().failure, "no room");
    ASSERT_TRUE(
        test::eventually([&] { return loader_->rest() && loader_->status().failure.empty(); }));
    EXPECT_EQ(store_.until(), at(100));
}

stream::Position on_second(std::uint64_t lsn) {
    return {.timeline = 2, .lsn = Lsn{lsn}};
}

// Goal: after a promotion the log goes on from a part of a transaction, too, and shapes are learnt
// again.
TEST_F(LoaderTest, ThePartOfATransactionGoesOnAfterAPromotion) {
    make_complete(100);
    open({.interval = std::chrono::milliseconds{0}, .max_points = 2});
    ASSERT_TRUE(begin(200));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(insert(i, 1000, 1));
    ASSERT_TRUE(test::eventually([&] { return store_.size() == 2; }));
    EXPECT_EQ(loader_->checkpoint()->position, at(100));
    EXPECT_EQ(loader_->checkpoint()->reach, at(201));
    ASSERT_TRUE(loader_->resume({.system_id = "77", .from = on_second(100)}));
    transaction_ = transaction(200);
    transaction_.commit.timeline = transaction_.end.timeline = 2;
    ASSERT_TRUE(loader_->begin(transaction_));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(insert(i, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(store_.size(), 3U);
    EXPECT_EQ(store_.until(), on_second(208));
    EXPECT_TRUE(loader_->filled());
    EXPECT_TRUE(loader_->take_promotion());
    EXPECT_FALSE(loader_->take_promotion());
    EXPECT_THAT(store_.violations(), IsEmpty());
}

// Goal: a store that is carried over has no checkpoint until the log's beginning is known, keeps
// what it holds, takes what comes in place of it, and is complete when its comparison has ended;
// all that through restarts.
TEST_F(LoaderTest, AStoreIsCarriedOverAndCompared) {
    make_complete(100);
    open();
    ASSERT_TRUE(begin(200));
    ASSERT_TRUE(insert(1, 1000, 1));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    ASSERT_TRUE(loader_->carry_over());
    EXPECT_FALSE(loader_->checkpoint());
    EXPECT_FALSE(loader_->filled());
    ASSERT_TRUE(loader_->open());
    EXPECT_FALSE(loader_->checkpoint()) << "after a restart, too";
    EXPECT_FALSE(loader_->wants_comparison());
    // Its log begins before what the store had of the other timeline.
    ASSERT_TRUE(loader_->resume({.system_id = "77", .from = on_second(150)}));
    EXPECT_EQ(loader_->checkpoint()->position, on_second(150));
    EXPECT_EQ(store_.until(), on_second(150));
    EXPECT_EQ(value(1, 1000), "d1");
    ASSERT_TRUE(loader_->open());
    ASSERT_TRUE(loader_->resume({.system_id = "77", .from = on_second(150)}));
    EXPECT_TRUE(loader_->wants_comparison());
    transaction_ = transaction(160);
    transaction_.commit.timeline = transaction_.end.timeline = 2;
    ASSERT_TRUE(loader_->begin(transaction_));
    ASSERT_TRUE(insert(1, 1000, 2));
    ASSERT_TRUE(commit());
    ASSERT_TRUE(settle());
    EXPECT_EQ(value(1, 1000), "d2") << "in place of what the store had";
    std::atomic<bool> over{false};
    stream::Expected<void> ended;
    std::thread comparison([&] {
        ended = loader_->repair({.ends_comparison = true}, std::chrono::seconds{60});
        over = true;
    });
    EXPECT_TRUE(test::eventually([&] { return !loader_->rest() || over; }));
    comparison.join();
    EXPECT_TRUE(ended);
    EXPECT_TRUE(loader_->filled());
    EXPECT_EQ(store_.note("compare"), "");
    EXPECT_THAT(store_.violations(), IsEmpty());
}

// Goal: a store that is not filled yet is not worth a comparison.
TEST_F(LoaderTest, AStoreThatIsBeingFilledStartsOverInstead) {
    Batch batch;
    batch.until = at(100);
    batch.notes = {{.name = "copy", .text = "1 0/64"},
                   {.name = "copy/entities", .text = "waiting"},
                   {.name = "system", .text = "77"}};
    ASSERT_TRUE(store_.apply(batch));
    registry_ = std::make_unique<observe::Registry>();
    plan_ = std::make_unique<InitialCopyPlan>();
    copy_ = std::make_unique<InitialCopy>("host=/nonexistent", *plan_, store_, *registry_);
    loader_ = std::make_unique<Loader>(store_, source_, *plan_, *copy_, *registry_, clock_);
    ASSERT_TRUE(loader_->open());
    EXPECT_EQ(loader_->checkpoint()->reach.lsn.value, UINT64_MAX);
    ASSERT_TRUE(loader_->carry_over());
    EXPECT_FALSE(store_.until());
    EXPECT_EQ(store_.note("copy"), "");
}

}  // namespace
}  // namespace atlas::analytics
