// SPDX-License-Identifier: Apache-2.0
//
// Merges observations of one entity at one instant: attributes add up, and per attribute the later
// arrival wins. What is in the database came first.
//
//     merger.begin(); merger.add_existing(rows, i); merger.add(row); … merger.finish(row)
//
// Lifetime   merged rows borrow from the merger until clear().
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ingest/commit/history.h"
#include "ingest/request/row.h"
#include "storage/observation.h"

namespace atlas::ingest {

class Merger {
public:
    explicit Merger(storage::ShapeRegistry& shapes) : shapes_(shapes) {}

    void clear();
    void begin();
    void add_existing(const storage::StoredObservation& stored);
    // Returns how many values of an earlier row of the same part it replaced.
    std::uint32_t add(const Row& row);
    // The merged row, with the keys of `last`, the latest arrival; nullopt when it says the same as
    // what the database holds.
    std::optional<Row> finish(const Row& last);

private:
    static constexpr std::uint32_t kStored = 0xFFFFFFFF;
    struct Value {
        std::int32_t attribute = 0;
        model::Group group{};
        Point point;
        std::uint32_t part = kStored;
    };
    // Returns the part whose value was replaced; nullopt when there was none.
    std::optional<std::uint32_t> put(const Value& value);
    Value stored_form(const Row& row, const storage::Slot& slot);
    bool same(const Value& a, const Value& b) const;

    storage::ShapeRegistry& shapes_;
    std::optional<Batch> scratch_;  // holds the texts and the points of merged rows
    std::deque<storage::Layout> layouts_;
    std::vector<Value> values_;
    std::unordered_map<std::int32_t, std::size_t> by_attribute_;
    bool has_existing_ = false;
    bool changed_ = false;
};

}  // namespace atlas::ingest
