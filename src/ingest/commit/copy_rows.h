// SPDX-License-Identifier: Apache-2.0
//
// Encodes rows of `observations` for COPY BINARY, straight from the batch.
//
// Threading  pure function; the writer's thread.
#pragma once

#include <string>
#include <string_view>

#include "ingest/request/row.h"
#include "pg/copy_binary.h"

namespace atlas::ingest {

// The columns, in the order in which append_row() writes them.
inline constexpr std::string_view kObservationColumns =
    "(tenant_id, entity_id, observed_at, received_at, shape_id, attrs, int_values, double_values, "
    "decimal_values, text_values)";

// Cost: no allocation beyond the growth of the writer's buffer.
void append_row(pg::CopyWriter& copy, const Row& row);

}  // namespace atlas::ingest
