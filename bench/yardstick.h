// SPDX-License-Identifier: Apache-2.0
//
// What PostgreSQL itself can take: one connection, COPY BINARY of the same rows in the same batch
// size and order, with the same indexes and partitions, a commit per batch. The rows are encoded
// beforehand.
//
// Threading  one thread; blocks for about `seconds`, encoding not included.
#pragma once

#include "bench/fleet.h"
#include "bench/server.h"

namespace atlas::bench {

// Data points per second of COPY and COMMIT. Throws std::runtime_error when a statement fails.
double copy_points_per_second(Server& server, Fleet& fleet, double seconds, Report& report);

}  // namespace atlas::bench
