// SPDX-License-Identifier: Apache-2.0
//
// Leaves out tags that are known to be stored. Line protocol sends all tags with every line;
// history has them where they change.
//
// Lifetime   one per plan; rows keep layouts from here until clear().
// Threading  one thread at a time. No I/O.
#pragma once

#include <deque>
#include <span>
#include <unordered_map>

#include "ingest/commit/state_cache.h"
#include "ingest/request/row.h"

namespace atlas::ingest {

class KnownTags {
public:
    KnownTags(storage::ShapeRegistry& shapes, storage::ShapeCounter& counter)
        : shapes_(shapes), counter_(counter) {}

    void clear();
    // `rows` are all of one entity, in the order of arrival. Those whose tags the entity has get a
    // layout without them, and the state is told which tags were written last. A row of nothing but
    // tags is not changed.
    void drop(EntityState& state, std::span<Row> rows);

private:
    const storage::Layout* without_tags(const storage::Layout& layout);

    storage::ShapeRegistry& shapes_;
    storage::ShapeCounter& counter_;
    std::deque<storage::Layout> layouts_;
    std::unordered_map<const storage::Layout*, const storage::Layout*> without_tags_;
};

}  // namespace atlas::ingest
