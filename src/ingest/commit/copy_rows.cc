// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/copy_rows.h"

#include "ingest/resolve/value_check.h"
#include "storage/observation.h"

namespace atlas::ingest {
namespace {

// The values of a row, straight from the batch.
struct Cells {
    const Row& row;

    bool is_null(const storage::Slot& slot) const { return row.point(slot).kind == Kind::null; }
    std::int64_t int8(const storage::Slot& slot) const {
        return stored_int(*row.batch, row.point(slot), slot.type);
    }
    double float8(const storage::Slot& slot) const {
        return stored_double(*row.batch, row.point(slot));
    }
    std::string_view decimal(const storage::Slot& slot) const {
        return stored_decimal(*row.batch, row.point(slot));
    }
    std::string_view text(const storage::Slot& slot) const {
        return stored_text(*row.batch, row.point(slot));
    }
};

}  // namespace

void append_row(pg::CopyWriter& copy, const Row& row) {
    storage::append_observation(copy, {row.tenant, row.entity, row.observed_at, row.received_at},
                                *row.layout, Cells{row});
}

}  // namespace atlas::ingest
