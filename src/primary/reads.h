// SPDX-License-Identifier: Apache-2.0
//
// Runs the statements of a read in one round trip: settings for their plans, the statements, and
// the position in the log that their results reach.
//
//     list, series → [run_reads] → pg::Connection
//
// Each statement has a snapshot of its own.
//
// Threading  one thread at a time per connection, which the calls block on.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "pg/connection.h"
#include "query/snapshot.h"

namespace atlas::primary {

enum class Plan : std::uint8_t {
    keyed,  // joins along keys, bitmaps and sorts allowed
    walk,   // an index in its order, as far as needed
};

struct Reads {
    std::vector<pg::Rows> rows;  // of each statement, in the binary format
    query::Snapshot snapshot;
};

struct Read {
    std::string sql;
    pg::Params params;
    std::string name = {};  // of a text that comes again and again: prepared once per session
};

// What position.sql reads, of its columns from `column` on, in the binary format.
query::Snapshot read_snapshot(const pg::Rows& rows, int column);

// Fails as the first statement that fails; the rest is not run.
pg::Expected<Reads> run_reads(pg::Connection& connection, Plan plan, std::span<const Read> reads);

// The same, but the rows of the last statement are handed out while they arrive and are not among
// the result's: for results too large to hold. on_row returns false to stop; the statement is then
// cancelled and the connection stays usable.
pg::Expected<Reads> stream_reads(pg::Connection& connection, Plan plan, std::span<const Read> reads,
                                 const std::function<bool(const pg::Rows&)>& on_row);

}  // namespace atlas::primary
