// SPDX-License-Identifier: Apache-2.0
//
// Creates the missing partitions for the days of a batch before its transaction begins.
//
// Lifetime   one per writer.
// Threading  the writer's thread only; blocks on the connection for days it has not seen.
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
    // Creates what is missing for `days` (days since 1970, repeated ones allowed) and returns those
    // that cannot have a partition.
    pg::Expected<std::vector<std::int32_t>> ensure(pg::Connection& connection,
                                                   std::span<const std::int32_t> days);
    // Drops what is cached: retention may have dropped partitions since.
    void forget() { known_.clear(); }

private:
    std::unordered_set<std::int32_t> known_;
};

}  // namespace atlas::ingest
