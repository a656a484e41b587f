// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/plan_reader.h"

#include "base/prefetch.h"
#include "ingest/commit/history_reader.h"

namespace atlas::ingest {
namespace {

pg::Expected<void> fill_hot(pg::Connection& connection, catalog::Catalog& catalog,
                            CommitPlan::Group& group, const StoredState& stored,
                            const model::TenantCatalog& known) {
    bool unknown = false;
    group.state.hot = read_hot_state(stored.hot_attrs, stored.hot_at, known, unknown);
    if (!unknown) return {};
    // Another gateway registered an attribute since; a state without it would be wrong.
    const auto newer = catalog.reload(connection, group.key.tenant);
    if (!newer) return failure(newer.error());
    if (*newer == nullptr) return {};
    group.state.hot = read_hot_state(stored.hot_attrs, stored.hot_at, **newer, unknown);
    return {};
}

// The states of the keys. Every entity has one: where a row was lost, it is made again.
pg::Expected<std::vector<StoredState>> read_or_restore(pg::Connection& connection,
                                                       std::span<const EntityKey> keys) {
    auto stored = read_states(connection, keys);
    if (!stored || stored->size() == keys.size()) return stored;
    const auto restored = restore_states(connection, keys);
    if (!restored) return failure(restored.error());
    return *restored == 0 ? std::move(stored) : read_states(connection, keys);
}

pg::Expected<void> fill_newest(pg::Connection& connection, CommitPlan& plan) {
    for (const auto& [day, places] : plan.days_to_read()) {
        std::vector<EntityKey> keys;
        for (const std::size_t place : places) keys.push_back(plan.groups()[place].key);
        const auto newest = read_newest(connection, keys, day);
        if (!newest) return failure(newest.error());
        for (std::size_t i = 0; i < places.size(); ++i) plan.set_newest(places[i], (*newest)[i]);
    }
    return {};
}

}  // namespace

pg::Expected<void> fill_states(pg::Connection& connection, catalog::Catalog& catalog,
                               StateCache& cache, CommitPlan& plan) {
    const std::span<CommitPlan::Group> groups = plan.groups();
    std::vector<EntityKey> keys;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (i + kPrefetchAhead < groups.size()) {
            cache.prefetch(groups[i + kPrefetchAhead].key.entity);
        }
        if (auto state = cache.take(groups[i].key.entity)) {
            groups[i].state = std::move(*state);
            continue;
        }
        groups[i].state.entity = groups[i].key.entity;
        if (plan.is_fresh(groups[i])) {
            groups[i].state.absent = true;
            continue;
        }
        groups[i].missing = true;
        keys.push_back(groups[i].key);
        places.push_back(i);
    }
    if (keys.empty()) return {};
    const auto stored = read_or_restore(connection, keys);
    if (!stored) return failure(stored.error());
    for (const StoredState& from : *stored) {
        CommitPlan::Group& group = groups[places[from.key]];
        group.missing = false;
        group.state.deleted = from.deleted;
        if (from.has_last_day) group.state.last_day = from.last_day;
        const auto done = fill_hot(connection, catalog, group, from, plan.catalog_of(group));
        if (!done) return done;
    }
    return fill_newest(connection, plan);
}

pg::Expected<void> fill_later(pg::Connection& connection, CommitPlan& plan) {
    const std::span<const AttributeSearch> searches = plan.searches();
    if (searches.empty()) return {};
    const auto later = find_later(connection, searches);
    if (!later) return failure(later.error());
    plan.add_later(*later);
    return {};
}

pg::Expected<void> fill_existing(pg::Connection& connection, CommitPlan& plan) {
    const std::span<const ObservationKey> keys = plan.keys_to_read();
    if (keys.empty()) return {};
    return read_existing(connection, keys, [&](storage::StoredObservation stored) {
        return plan.add_existing(std::move(stored));
    });
}

}  // namespace atlas::ingest
