// SPDX-License-Identifier: Apache-2.0
#include "http/server/workers.h"

#include <gtest/gtest.h>

#include <future>

#include "testing/eventually.h"

namespace atlas::http {
namespace {

TEST(Workers, RefuseWhatTheQueueCannotHold) {
    Workers workers(1, 2);
    std::promise<void> started;
    std::promise<void> go;
    ASSERT_TRUE(workers.submit([&] {
        started.set_value();
        go.get_future().wait();
    }));
    started.get_future().wait();
    std::atomic<int> ran{0};
    EXPECT_TRUE(workers.submit([&] { ++ran; }));
    EXPECT_TRUE(workers.submit([&] { ++ran; }));
    EXPECT_FALSE(workers.submit([&] { ++ran; }));
    EXPECT_EQ(workers.queued(), 2U);
    go.set_value();
    EXPECT_TRUE(test::eventually([&] { return ran == 2; }));
    workers.stop();
    EXPECT_FALSE(workers.submit([] {}));
}

TEST(ByteBudget, IsGivenBackByTheEndOfEachShare) {
    ByteBudget budget(100);
    {
        ByteBudget::Share first(budget);
        EXPECT_TRUE(first.grow_to(60));
        EXPECT_TRUE(first.grow_to(40));  // never shrinks
        EXPECT_EQ(budget.taken(), 60U);
        ByteBudget::Share second(budget);
        EXPECT_FALSE(second.grow_to(41));
        EXPECT_TRUE(second.grow_to(40));
        EXPECT_FALSE(first.grow_to(61));
        EXPECT_EQ(budget.taken(), 100U);
    }
    EXPECT_EQ(budget.taken(), 0U);
}

}  // namespace
}  // namespace atlas::http
