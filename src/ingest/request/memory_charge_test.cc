// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/memory_charge.h"

#include <gtest/gtest.h>

#include <optional>

namespace atlas::ingest {
namespace {

TEST(MemoryCharge, CountsFromArrivalUntilItIsFreed) {
    std::atomic<std::size_t> total{0};
    std::optional<MemoryCharge> first(std::in_place, total, 100);
    MemoryCharge second(total, 50);
    EXPECT_EQ(second.before(), 100U);
    first->grow_to(300);
    first->grow_to(200);  // never shrinks
    EXPECT_EQ(total, 350U);
    MemoryCharge moved(std::move(*first));
    first.reset();
    EXPECT_EQ(total, 350U);
    moved = MemoryCharge();
    EXPECT_EQ(total, 50U);
}

}  // namespace
}  // namespace atlas::ingest
