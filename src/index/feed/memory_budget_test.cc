// SPDX-License-Identifier: Apache-2.0
#include "index/feed/memory_budget.h"

#include <gmock/gmock.h>

namespace atlas::index {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Time kNow = time_from_micros(1'795'262'400'000'000);

TenantUse held(std::int64_t tenant, std::size_t bytes, std::optional<std::chrono::minutes> ago) {
    return {.tenant = TenantId{tenant},
            .entities = 1,
            .bytes = bytes,
            .last_read = ago ? kNow - *ago : Time{}};
}

TenantUse out(std::int64_t tenant, std::optional<std::chrono::minutes> ago) {
    TenantUse use = held(tenant, 1, ago);
    use.left_out = true;
    return use;
}

struct MemoryBudgetTest : ::testing::Test {
    std::vector<std::int64_t> excess(std::vector<TenantUse> tenants) {
        std::vector<std::int64_t> ids;
        for (const auto& one : budget.excess(std::move(tenants))) ids.push_back(one.tenant.value);
        return ids;
    }
    // The tenant that returns, then those that leave.
    std::vector<std::int64_t> next(const std::vector<TenantUse>& tenants) {
        const auto found = budget.next(tenants, now, kNow);
        if (!found) return {};
        std::vector<std::int64_t> ids{found->tenant.value};
        for (const auto& one : found->instead_of) ids.push_back(one.tenant.value);
        return ids;
    }

    MemoryBudget budget{100, 1min};
    Clock::Steady now{1h};
};

TEST_F(MemoryBudgetTest, WhatWasNotReadForTheLongestTimeLeaves) {
    EXPECT_THAT(excess({held(1, 50, 1min), held(2, 50, 2min)}), IsEmpty());
    EXPECT_THAT(excess({held(1, 50, 1min), held(2, 50, 2min), held(3, 1, 0min)}), ElementsAre(2));
    // Never read, then the larger one of those never read.
    EXPECT_THAT(excess({held(1, 20, {}), held(2, 70, 3min), held(3, 30, {}), out(4, 0min)}),
                ElementsAre(3));
    EXPECT_THAT(excess({held(1, 200, 0min), held(2, 30, 5min)}), ElementsAre(2, 1));
}

TEST_F(MemoryBudgetTest, OneThatIsAskedForComesBackWhenThereIsRoom) {
    budget.left(TenantId{1}, 40, now);
    budget.left(TenantId{2}, 40, now);
    const std::vector<TenantUse> tenants{out(1, 2min), out(2, 1min), held(3, 53, 0min)};
    EXPECT_THAT(next(tenants), IsEmpty());  // too soon
    now += 1min;
    EXPECT_THAT(next(tenants), ElementsAre(2));
    EXPECT_THAT(next({out(1, 2min), out(2, {}), held(3, 53, 0min)}), ElementsAre(1));
    EXPECT_THAT(next({out(1, {}), out(2, 11min), held(3, 53, 0min)}), IsEmpty());
    EXPECT_THAT(next({out(1, 2min), out(2, 1min), held(3, 54, 0min)}), IsEmpty());
}

TEST_F(MemoryBudgetTest, IdleTenantsMakeRoom) {
    budget.left(TenantId{1}, 40, now);
    now += 1min;
    EXPECT_THAT(next({out(1, 0min), held(2, 50, 9min), held(3, 40, 11min), held(4, 9, 12min)}),
                ElementsAre(1, 4, 3));
    EXPECT_THAT(next({out(1, 0min), held(2, 60, 9min), held(3, 20, 11min)}), IsEmpty());
}

TEST_F(MemoryBudgetTest, OneThatIsTooLargeIsTriedLessAndLess) {
    budget.left(TenantId{1}, 40, now);
    budget.left(TenantId{1}, 80, now);
    const std::vector<TenantUse> tenants{out(1, 0min), held(2, 5, 0min)};
    now += 1min;
    EXPECT_THAT(next(tenants), IsEmpty());
    now += 1min;
    EXPECT_THAT(next(tenants), ElementsAre(1));
    for (int i = 0; i < 100; ++i) budget.left(TenantId{1}, 40, now);
    now += 59min;
    EXPECT_THAT(next(tenants), IsEmpty());
    now += 1min;
    EXPECT_THAT(next(tenants), ElementsAre(1));
    budget.left(TenantId{1}, 90, now);
    now += 1h;
    EXPECT_THAT(next(tenants), IsEmpty());  // larger than the budget
    budget.held(TenantId{1});
    budget.left(TenantId{1}, 40, now);
    now += 1min;
    EXPECT_THAT(next(tenants), ElementsAre(1));
}

}  // namespace
}  // namespace atlas::index
