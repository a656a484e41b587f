// SPDX-License-Identifier: Apache-2.0
//
// The bounds of the ingest path.
//
// Threading  plain data; does not change once the ingester has it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "ingest/request/limits.h"
#include "pg/session.h"

namespace atlas::ingest {

struct Options {
    // What the program chooses or its configuration says: without defaults here.
    std::string conninfo;
    pg::SessionSettings session;
    int writers;                       // threads that commit, each with shards of its own
    std::size_t max_queued_bytes;      // requests in flight, at kCharge
    std::chrono::milliseconds oldest;  // age beyond which observations are refused; 0: none

    // Limits that are not configurable; tests lower them.
    int parsers = 2;  // threads that parse and validate
    std::size_t max_transaction_rows = 12'000;
    std::size_t directory_bytes = std::size_t{96} << 20U;
    std::size_t state_cache_bytes = std::size_t{192} << 20U;  // of all writers together
    std::size_t max_value_bytes = kMaxValueBytes;
};

// Memory that a request takes on its way, as a multiple of its body.
inline constexpr std::size_t kCharge = 3;

}  // namespace atlas::ingest
