// SPDX-License-Identifier: Apache-2.0
//
// The current state of every entity, in memory, in columns per tenant. A follower of the log puts
// in what the log says; readers see whole transactions.
//
//     change stream → put(), observed(), remove…() → commit() → [LiveIndex] → IndexReader
//
// What is put in is the new image of a row, as the table has it after the change: nothing is added
// up, so the same transaction can be put in twice. Changes collect until commit(), which shows them
// to readers all at once; abort() forgets them. The first load from the database, or from a
// snapshot, is transactions like any other; in pieces, as a transaction takes memory until its
// commit(), some 300 bytes for a row with five values.
//
// Columns appear with the first entity that has a value of an attribute, and vanish with the last:
// promotion and demotion rewrite entity_jsonb, so no call of their own is needed.
//
// Readers and the writer do not wait for each other, but for a moment: a reader pins a version of
// its tenant, and what it may still see is copied before it is changed (versioned_array.h). Only
// where nobody reads a tenant a transaction changes its columns in place, which readers that come
// meanwhile wait for; a large one does so only for a tenant that nobody has read since the
// transaction before.
//
// Lifetime   longer than its readers.
// Threading  put(), observed(), remove…(), commit(), abort(), advance(), clear(), leave_out(),
//            take_in(), show(): one thread at a time, the writer. The rest: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/lsn.h"
#include "base/time.h"

namespace atlas::index {

// A row of entities. External ids have at most 65,535 bytes.
struct EntityRow {
    TenantId tenant;
    EntityId entity;
    std::string_view external_id;
    std::string_view type;
    Time created_at{};
    bool deleted = false;  // retired
};

// A member of hot_attrs, as storage::for_each_member() reads it.
struct HotValue {
    std::string_view name;
    std::string_view json;  // as PostgreSQL writes it, with quotes and escapes
    std::string_view text;  // of a string: without them
};

// A member of hot_at.
struct HotInstant {
    std::string_view name;
    Time at{};
};

// A row of entity_jsonb. What an update did not touch and the log does not hold stays as it is.
struct StateRow {
    TenantId tenant;
    EntityId entity;
    Time updated_at{};
    std::optional<Day> last_day = std::nullopt;
    bool deleted = false;
    std::optional<std::span<const HotValue>> values = std::nullopt;      // all of hot_attrs
    std::optional<std::span<const HotInstant>> instants = std::nullopt;  // all of hot_at
};

// Until where the log is applied.
struct Applied {
    LogPosition position;
    Time as_of{};  // by the primary's clock: of the commit, or of the keepalive
};

struct TenantUse {
    TenantId tenant;
    std::int64_t entities = 0;  // that lists show
    std::size_t bytes = 0;      // of memory
    Time last_read{};           // or asked for, where it is left out; Time{}: never
    bool left_out = false;
};

struct Usage {
    std::size_t bytes = 0;      // of memory, allocated, all tenants
    std::int64_t entities = 0;  // that lists show
    std::int64_t tenants = 0;
    std::int64_t left_out = 0;       // of them, those that are not answered from memory
    std::uint64_t transactions = 0;  // applied since the start
    std::uint64_t changes = 0;       // rows of them
    std::uint64_t copied_bytes = 0;  // copied because a reader may still see them
};

class Tenant;

class LiveIndex {
public:
    explicit LiveIndex(const Clock& clock);
    ~LiveIndex();
    LiveIndex(const LiveIndex&) = delete;
    LiveIndex& operator=(const LiveIndex&) = delete;

    // The rows are copied. Cost: about a microsecond, and no allocation once the values are known.
    void put(const EntityRow& row);
    void put(const StateRow& row);
    // An observation of the entity, which may be its newest.
    void observed(TenantId tenant, EntityId entity, Time at);
    // A row of entities, or of entity_jsonb, that is gone for good. Unknown ones are ignored.
    void remove_entity(TenantId tenant, EntityId entity);
    void remove_state(TenantId tenant, EntityId entity);
    // All of its rows. The tenant itself is unknown afterwards.
    void remove_tenant(TenantId tenant);

    // Shows readers what was put in since the last call, and the new position.
    void commit(const Applied& end);
    // Forgets what was put in since the last commit().
    void abort();
    // No change until `end`.
    void advance(const Applied& end);
    Applied applied() const;
    // Forgets everything, as before the first commit().
    void clear();

    // Readers ask for the newest observation of entities that reported before the index began to
    // follow the log (see IndexReader), and hand it on here; the writer applies it with the next
    // commit() or advance(). Of the day on which the entity reported last; nullopt: history has
    // none of that day. Any thread.
    void learned(TenantId tenant, EntityId entity, Day day, std::optional<Time> newest);

    // Frees a tenant's memory; its changes are ignored from now on, and reads of it fail with
    // not_held.
    void leave_out(TenantId tenant);
    // From the next commit() on it is held again, empty, and takes changes. Reads of it fail until
    // show(), which says that it is loaded; unknown tenants are ignored there.
    void take_in(TenantId tenant);
    void show(TenantId tenant);

    Usage usage() const;
    std::vector<TenantUse> tenants() const;  // by id

    // For readers of this room; nullptr: nothing of this tenant was ever put in.
    std::shared_ptr<Tenant> find(TenantId tenant) const;
    const Clock& clock() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace atlas::index
