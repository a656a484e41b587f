// SPDX-License-Identifier: Apache-2.0
//
// Encodes rows of `observations` for COPY BINARY, straight from the batch.
//
// Threading  pure function; the writer's thread.
#pragma once

#include "ingest/request/row.h"
#include "pg/copy_binary.h"

namespace atlas::ingest {

// Appends the row in the columns of storage::kObservationColumns.
// Cost: no allocation beyond the growth of the writer's buffer.
void append_row(pg::CopyWriter& copy, const Row& row);

}  // namespace atlas::ingest
