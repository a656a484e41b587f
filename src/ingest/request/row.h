// SPDX-License-Identifier: Apache-2.0
//
// A validated observation on its way into the database.
//
// Lifetime   borrows its values from a batch and their order from a layout; both outlive it.
// Threading  one owner at a time.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/time.h"
#include "ingest/request/batch.h"
#include "storage/layout.h"

namespace atlas::ingest {

struct Row {
    TenantId tenant;
    EntityId entity;
    Time observed_at;
    Time received_at;
    const Batch* batch = nullptr;
    const storage::Layout* layout = nullptr;
    std::uint32_t first_point = 0;
    std::uint32_t observation = 0;  // index into the batch's observations
    std::uint32_t part = 0;         // of the transaction: whose it is
    std::uint32_t arrival = 0;      // order of arrival in the transaction
    bool fresh = false;  // its request registered the entity: most likely it has no state

    const Point& point(const storage::Slot& slot) const {
        return batch->points()[first_point + slot.position];
    }
};

}  // namespace atlas::ingest
