// SPDX-License-Identifier: Apache-2.0
//
// The bounds of the ingest path, set by configuration.
//
// Threading  plain data; does not change once the ingester has it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "pg/connection.h"

namespace atlas::ingest {

struct Options {
    std::string conninfo;
    pg::SessionSettings session;
    int parsers = 2;  // threads that parse and validate
    int writers = 2;  // threads that commit, each with shards of its own
    std::size_t max_transaction_rows = 12'000;
    std::size_t max_queued_bytes = std::size_t{160} << 20U;  // requests in flight, at kCharge
    std::size_t directory_bytes = std::size_t{96} << 20U;
    std::size_t state_cache_bytes = std::size_t{192} << 20U;  // of all writers together
    std::size_t max_value_bytes = std::size_t{1} << 20U;
    std::chrono::minutes future_bound{10};
    std::chrono::milliseconds oldest{0};  // age beyond which observations are refused; 0: none
};

// Memory that a request takes on its way, as a multiple of its body.
inline constexpr std::size_t kCharge = 3;

}  // namespace atlas::ingest
