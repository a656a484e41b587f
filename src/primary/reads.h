// SPDX-License-Identifier: Apache-2.0
//
// One round trip of reads: settings for their plans, the reads, and up to where their answers
// reach.
//
//     list, series → [run_reads] → pg::Connection
//
// Threading  as the connection.
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

pg::Expected<Reads> run_reads(pg::Connection& connection, Plan plan, std::span<const Read> reads);

// The same, but the rows of the last statement are handed out while they arrive and are not among
// the result's; on_row returns false to stop.
pg::Expected<Reads> stream_reads(pg::Connection& connection, Plan plan, std::span<const Read> reads,
                                 const std::function<bool(const pg::Rows&)>& on_row);

}  // namespace atlas::primary
