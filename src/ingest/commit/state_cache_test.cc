// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/state_cache.h"

#include <gtest/gtest.h>

namespace atlas::ingest {
namespace {

EntityState state_of(std::int64_t entity, std::int64_t newest, std::size_t hot = 0) {
    EntityState state;
    state.entity = EntityId{entity};
    state.newest_us = newest;
    state.last_day = 7;
    state.tags_hash = 11;
    for (std::size_t i = 0; i < hot; ++i) {
        state.hot.push_back({{i, 1}, newest, static_cast<std::int32_t>(i), true});
    }
    return state;
}

TEST(StateCache, GivesBackWhatWasPutOnce) {
    StateCache cache(1 << 16);
    cache.put(state_of(5, 100, 3));
    const auto state = cache.take(EntityId{5});
    ASSERT_TRUE(state);
    EXPECT_EQ(state->newest_us, 100);
    EXPECT_EQ(state->last_day, 7);
    EXPECT_EQ(state->tags_hash, 11U);
    ASSERT_EQ(state->hot.size(), 3U);
    EXPECT_EQ(state->hot[2].attribute, 2);
    EXPECT_TRUE(state->hot[2].exact);
    // A transaction that fails never puts it back: it is no longer cached.
    EXPECT_FALSE(cache.take(EntityId{5}));
}

TEST(StateCache, TheLaterPutReplacesTheEarlier) {
    StateCache cache(1);  // one set
    for (std::int64_t i = 1; i <= 8; ++i) cache.put(state_of(i, 1, 2));
    cache.put(state_of(3, 2, 1));
    EXPECT_EQ(cache.take(EntityId{3})->newest_us, 2);
    EXPECT_FALSE(cache.take(EntityId{3}));
}

TEST(StateCache, AShardThatAnotherWriterWroteIsVoid) {
    StateCache cache(1 << 16);
    cache.put(state_of(1, 1));
    cache.put(state_of(65, 1));
    cache.put(state_of(2, 1));
    cache.invalidate_shard(1);
    EXPECT_FALSE(cache.take(EntityId{1}));
    EXPECT_FALSE(cache.take(EntityId{65}));
    EXPECT_TRUE(cache.take(EntityId{2}));
    cache.put(state_of(1, 2));
    EXPECT_TRUE(cache.take(EntityId{1}));
    cache.put(state_of(1, 2));
    cache.invalidate_all();
    EXPECT_FALSE(cache.take(EntityId{1}));
}

// Goal: memory is bounded by ways, and an entry that was used recently stays.
TEST(StateCache, AFullSetGivesUpOneForAnother) {
    StateCache cache(1);
    for (std::int64_t i = 1; i <= 20; ++i) cache.put(state_of(i, i, 2));
    int kept = 0;
    for (std::int64_t i = 1; i <= 20; ++i) {
        const auto state = cache.take(EntityId{i});
        if (!state) continue;
        ++kept;
        EXPECT_EQ(state->newest_us, i);
        EXPECT_EQ(state->hot.size(), 2U);
    }
    EXPECT_EQ(kept, 8);
}

// Goal: many hot values an entity make the cache hold fewer entities, not more memory.
TEST(StateCache, EntitiesWithManyHotValuesLeaveRoomForFewer) {
    constexpr std::size_t kLimit = 1 << 20;
    constexpr std::size_t kHot = 100;
    StateCache cache(kLimit);
    for (std::int64_t i = 1; i <= 5000; ++i) cache.put(state_of(i, i, kHot));
    std::size_t bytes = 0;
    for (std::int64_t i = 1; i <= 5000; ++i) {
        if (cache.take(EntityId{i})) bytes += kHot * sizeof(HotValue);
    }
    EXPECT_GT(bytes, kLimit / 4);
    EXPECT_LE(bytes, kLimit);
}

}  // namespace
}  // namespace atlas::ingest
