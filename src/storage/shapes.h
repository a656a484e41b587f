// SPDX-License-Identifier: Apache-2.0
//
// The combinations of attributes that observations have. A combination seen often gets an id in the
// database, so that its rows need not list their attributes; rows of the others list them.
//
//     writing: layouts → find() → Shape … rows → ShapeCounter → due shapes → assign_ids()
//     reading: known(), by id → PackedReader → learn()
//
// Lifetime   shapes live as long as the registry or the layouts that use them.
// Threading  registry and shapes: any thread. A counter belongs to one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "pg/connection.h"

namespace atlas::storage {

class ShapeRegistry;

struct Shape {
    explicit Shape(std::vector<std::int32_t> attributes);

    const std::vector<std::int32_t> attrs;  // packed order: ints, doubles, decimals, texts
    std::atomic<std::int32_t> id{0};        // 0: rows list the attributes

    // Counts a row of a shape without an id. True when an id is due.
    bool count_row();

private:
    friend class ShapeRegistry;
    std::atomic<std::uint32_t> rows_{0};
    std::atomic<bool> never_;  // it gets no id: too many attributes, or no id is left
};
using ShapePtr = std::shared_ptr<Shape>;

// Counts the rows of one thread and collects the shapes that are due for an id.
class ShapeCounter {
public:
    // Nothing but a comparison once the shape has its id.
    void count(const ShapePtr& shape) {
        if (shape->id != 0 || !shape->count_row()) return;
        if (due_.empty() || due_.back() != shape) due_.push_back(shape);
    }
    // What has become due since the last call; one shape may be there several times. A shape that
    // stays without an id becomes due again with its next row.
    std::vector<ShapePtr> take_due() { return std::exchange(due_, {}); }

private:
    std::vector<ShapePtr> due_;
};

class ShapeRegistry {
public:
    // Rows of a combination before it is given an id, and how many ids there may be.
    static constexpr std::uint32_t kRowsForId = 4;
    static constexpr std::int32_t kMaxId = 100'000;
    static constexpr std::size_t kMaxAttributes = 512;
    static constexpr std::size_t kMaxKnown = 100'000;
    // Ids looked up or created in one call, in front of a transaction that has a deadline.
    static constexpr std::size_t kMaxPerCall = 64;
    // After a failure no ids are assigned for the first pause, then for twice as long each time.
    static constexpr std::chrono::milliseconds kFirstPause{1000};
    static constexpr std::chrono::milliseconds kLongestPause{60'000};

    // Readers know these by id; bounded: rows of a shape beyond it carry their attributes along.
    static constexpr std::size_t kMaxById = 4096;
    static constexpr std::size_t kMaxByIdAttributes = std::size_t{1} << 20U;
    using ById = std::unordered_map<std::int32_t, std::vector<std::int32_t>>;

    explicit ShapeRegistry(const Clock& clock) : clock_(clock) {}

    // The shapes with an id that were read or assigned before, as of now.
    std::shared_ptr<const ById> known() const;
    // Adds shapes until it is full. Copies the whole map: call it once per request.
    void learn(const ById& more);

    ShapePtr find(std::span<const std::int32_t> attrs);

    // Looks up or creates ids for those of `shapes` that have none. Outside a transaction: an id
    // must outlive whatever its rows belong to. Stops at the first failure and after kMaxPerCall
    // shapes: those left are due again with their next rows. Does nothing in the pause that follows
    // a failure. Blocks for up to three statements a shape.
    pg::Expected<void> assign_ids(pg::Connection& connection, std::span<const ShapePtr> shapes);

private:
    bool paused();
    void end_attempt(bool success);

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::shared_ptr<const ById> by_id_ = std::make_shared<const ById>();
    std::size_t by_id_attributes_ = 0;
    std::unordered_multimap<std::uint64_t, ShapePtr> shapes_;  // by hash of the attributes
    std::chrono::milliseconds pause_{0};                       // the last one
    Clock::Steady paused_until_ = Clock::Steady::min();
};

}  // namespace atlas::storage
