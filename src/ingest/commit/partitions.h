// SPDX-License-Identifier: Apache-2.0
//
// Sees to it that the days of a batch have partitions before its transaction begins.
//
// Threading  one per writer, its thread only.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "pg/connection.h"

namespace atlas::ingest {

class Partitions {
public:
    // Makes what is missing for `days` (days since 1970; repeated ones are fine) and returns those
    // that cannot have a partition.
    pg::Expected<std::vector<std::int32_t>> ensure(pg::Connection& connection,
                                                   std::span<const std::int32_t> days);
    // Retention may have dropped some since.
    void forget() { known_.clear(); }

private:
    std::unordered_set<std::int32_t> known_;
};

}  // namespace atlas::ingest
