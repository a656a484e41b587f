// SPDX-License-Identifier: Apache-2.0
//
// The readers of CSV files: those of any columns, whose records become NDJSON, and InfluxDB's
// annotated ones, whose records become line protocol.
//
// Lifetime   they borrow the input.
// Threading  one thread.
#pragma once

#include <memory>

#include "cli/ingest/chunk.h"

namespace atlas::cli {

// Looks at the first 10,000 records, and says on stderr what the columns are read as. Throws
// CommandError for columns that are missing or unclear.
std::unique_ptr<ChunkReader> make_csv_reader(Input& input, const IngestOptions& options,
                                             const Place& place, KnownTypes known);

std::unique_ptr<ChunkReader> make_annotated_reader(Input& input, const IngestOptions& options,
                                                   const Place& place);

}  // namespace atlas::cli
