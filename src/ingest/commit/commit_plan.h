// SPDX-License-Identifier: Apache-2.0
//
// Decides what one transaction writes: which rows are new, which merge with stored ones, which hot
// values change, which rows are refused. It does no I/O. It asks for what it must know of the
// database, step by step and only where it matters:
//
//     begin(parts) → states of groups() → days_to_read(), set_newest() → drop_retired()
//       → drop_known_tags() → searches(), add_later() → keys_to_read(), add_existing()
//       → decide() → new_rows(), merged_rows(), hot() → COMMIT → settle() → clear()
//
// Lifetime   one per writer, reused from transaction to transaction so that its memory is too.
//            Everything returned lives until the next begin(); merged rows until clear().
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ingest/commit/history.h"
#include "ingest/commit/hot_changes.h"
#include "ingest/commit/known_tags.h"
#include "ingest/commit/merger.h"
#include "ingest/commit/state_cache.h"
#include "ingest/request/part.h"
#include "storage/observation.h"

namespace atlas::ingest {

// Memory of the stored observations that one transaction merges with. An atomic part cannot be
// divided.
struct PlanLimits {
    std::size_t existing_bytes = std::size_t{64} << 20U;
    std::size_t existing_bytes_atomic = std::size_t{512} << 20U;
};

class CommitPlan {
public:
    struct Group {  // the rows of one entity, in the order of arrival
        std::uint32_t begin = 0;
        std::uint32_t end = 0;  // in rows()
        EntityKey key;
        EntityState state;
        bool missing = false;  // there is no such entity, and so no state
    };

    explicit CommitPlan(storage::ShapeRegistry& shapes, PlanLimits limits = {});

    // Starts over with the rows of `parts`, which live until clear().
    void begin(std::span<const Part> parts);
    // Ends it, committed or not, and frees what may be much: the next transaction may be long in
    // coming.
    void clear();

    std::span<const Part> parts() const { return parts_; }
    std::span<const Row> rows() const { return rows_; }  // by tenant, entity, arrival
    std::uint64_t shards() const { return shards_; }     // one bit each
    // The entities. The caller fills in their states: with what the cache or the database knows.
    std::span<Group> groups() { return groups_; }
    const model::TenantCatalog& catalog_of(const Group& group) const;
    // The shapes that have become due for an id: those of the rows as they came and of the rows
    // that the transaction before wrote in another form.
    std::vector<storage::ShapePtr> take_due_shapes() { return shapes_.take_due(); }

    // The parts with rows of entities that are missing, ascending: with one of them the
    // transaction is over.
    std::vector<std::size_t> missing_parts() const;

    // States that come from the database lack their newest instant. It lies on the last day on
    // which the entity reported, and matters only if a row is not of a later day. Returns the
    // groups that need it by that day; the others get a bound.
    std::map<std::int32_t, std::vector<std::size_t>> days_to_read();
    // kNever: no observation of that day is left.
    void set_newest(std::size_t group, std::int64_t newest_us);

    // Takes the rows of retired entities out. Returns the atomic parts that have such rows,
    // ascending: with one of them the transaction is over.
    std::vector<std::size_t> drop_retired();
    void drop_known_tags();

    // A late value that differs from the state may still be older than a repetition that was not
    // written to the state: what history has to be searched for.
    std::span<const AttributeSearch> searches();
    // For each search the latest later observation that has the attribute; kNever: none.
    void add_later(std::span<const std::int64_t> later);

    // The keys under which an observation may be stored: only a row that is not newer than its
    // entity's newest observation can meet one of its instant.
    std::span<const ObservationKey> keys_to_read();
    // One that is stored; its place is that of its key. False when all of them together are over
    // the limit; never of a single row.
    bool add_existing(storage::StoredObservation stored);
    bool fits() const;
    bool merges() const { return !existing_.empty(); }

    // With everything known: plans rows and hot values.
    void decide();
    std::span<const Row> new_rows() const { return new_rows_; }  // by day, then key
    std::span<const Row> merged_rows() const { return merged_rows_; }
    const HotChanges& hot() const { return hot_; }

    // After the commit: tells the jobs what was refused and what was overwritten.
    void settle() const;

private:
    void add_searches(std::size_t group);
    void plan_group(const Group& group);
    void plan_instant(std::span<const std::uint32_t> same_instant);
    void apply_hot(Group& group);

    const PlanLimits limits_;
    std::span<const Part> parts_;
    storage::ShapeCounter shapes_;
    std::vector<Row> rows_;
    std::vector<Group> groups_;
    std::uint64_t shards_ = 0;
    KnownTags tags_;
    std::vector<AttributeSearch> searches_;
    std::vector<std::size_t> searched_groups_;  // parallel to searches_
    std::vector<ObservationKey> keys_;
    std::vector<std::uint32_t> key_rows_;  // parallel to keys_
    std::vector<storage::StoredObservation> existing_;
    std::size_t existing_bytes_ = 0;
    std::unordered_map<std::uint32_t, std::size_t> existing_of_row_;  // rows_ → existing_
    Merger merger_;
    std::vector<std::uint32_t> order_;  // of the current group
    std::vector<Row> new_rows_;
    std::vector<Row> merged_rows_;
    HotChanges hot_;
    std::unordered_map<std::uint32_t, std::uint64_t> overwritten_;  // by part
    std::vector<std::uint32_t> retired_rows_;
};

}  // namespace atlas::ingest
