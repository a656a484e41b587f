// SPDX-License-Identifier: Apache-2.0
//
// The combinations of attributes that observations carry. A combination seen often gets a shape_id
// in the database, so that its rows need not list their attributes; a rare one is written out.
//
// Lifetime   shapes live as long as the registry or the layouts that use them.
// Threading  any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "pg/connection.h"

namespace atlas::storage {

struct Shape {
    explicit Shape(std::vector<std::int32_t> attributes) : attrs(std::move(attributes)) {}

    const std::vector<std::int32_t> attrs;  // packed order: ints, doubles, decimals, texts
    std::atomic<std::int32_t> id{0};        // 0: write the attributes out
    std::atomic<std::uint32_t> rows{0};     // written so far, until it has an id
};
using ShapePtr = std::shared_ptr<Shape>;

class ShapeRegistry {
public:
    // Rows of a combination before it is given an id, and how many ids there may be.
    static constexpr std::uint32_t kRowsForId = 4;
    static constexpr std::int32_t kMaxId = 100'000;
    static constexpr std::size_t kMaxAttributes = 512;
    static constexpr std::size_t kMaxKnown = 100'000;

    ShapePtr find(std::span<const std::int32_t> attrs);

    // Looks up or gives an id to those of `shapes` that deserve one. Outside a transaction.
    static pg::Expected<void> assign_ids(pg::Connection& connection,
                                         std::span<Shape* const> shapes);

private:
    std::mutex mutex_;
    std::unordered_multimap<std::uint64_t, ShapePtr> shapes_;  // by hash of the attributes
};

}  // namespace atlas::storage
