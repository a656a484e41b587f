// SPDX-License-Identifier: Apache-2.0
#include "base/give_way.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <stdexcept>

namespace atlas {
namespace {

TEST(GiveWay, TheWorkIsNicerAndTheCallerIsAsBefore) {
    const int mine = getpriority(PRIO_PROCESS, 0);
    const int more = mine < 18 ? mine + 2 : mine;
    EXPECT_EQ(giving_way(more, [] { return getpriority(PRIO_PROCESS, 0); }), more);
    EXPECT_EQ(giving_way(mine - 5, [] { return getpriority(PRIO_PROCESS, 0); }), mine);
    EXPECT_EQ(getpriority(PRIO_PROCESS, 0), mine);
}

TEST(GiveWay, WhatTheWorkThrowsIsPassedOn) {
    EXPECT_THROW(giving_way(0, []() -> int { throw std::runtime_error("no"); }),
                 std::runtime_error);
}

}  // namespace
}  // namespace atlas
