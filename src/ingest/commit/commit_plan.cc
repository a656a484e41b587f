// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/commit_plan.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace atlas::ingest {
namespace {

std::int32_t day_number(Time time) {
    return static_cast<std::int32_t>(day_of(time).time_since_epoch().count());
}

std::int64_t end_of(std::int32_t day) {
    return to_micros(Time{std::chrono::sys_days{std::chrono::days{day + 1}}});
}

}  // namespace

CommitPlan::CommitPlan(storage::ShapeRegistry& shapes, PlanLimits limits)
    : limits_(limits), tags_(shapes, shapes_), merger_(shapes) {
}

void CommitPlan::begin(std::span<const Part> parts) {
    parts_ = parts;
    rows_.clear();
    groups_.clear();
    shards_ = 0;
    tags_.clear();
    existing_of_row_.clear();
    new_rows_.clear();
    merged_rows_.clear();
    hot_.clear();
    overwritten_.clear();
    retired_rows_.clear();
    for (std::size_t part = 0; part < parts.size(); ++part) {
        for (Row row : parts[part].rows) {
            row.part = static_cast<std::uint32_t>(part);
            row.arrival = static_cast<std::uint32_t>(rows_.size());
            shapes_.count(row.layout->shape);
            shards_ |= std::uint64_t{1} << static_cast<unsigned>(shard_of(row.entity));
            rows_.push_back(row);
        }
    }
    std::ranges::sort(
        rows_, {}, [](const Row& row) { return std::tuple(row.tenant, row.entity, row.arrival); });
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
        const EntityKey key{rows_[i].tenant, rows_[i].entity};
        if (groups_.empty() || groups_.back().key != key) groups_.push_back({i, i, key, {}, false});
        groups_.back().end = i + 1;
    }
}

void CommitPlan::clear() {
    parts_ = {};
    existing_ = {};
    existing_bytes_ = 0;
    merger_.clear();
}

const model::TenantCatalog& CommitPlan::catalog_of(const Group& group) const {
    return *parts_[rows_[group.begin].part].layouts->catalog;
}

std::vector<std::size_t> CommitPlan::missing_parts() const {
    std::set<std::size_t> parts;
    for (const Group& group : groups_) {
        if (!group.missing) continue;
        for (std::uint32_t row = group.begin; row < group.end; ++row) {
            parts.insert(rows_[row].part);
        }
    }
    return {parts.begin(), parts.end()};
}

std::map<std::int32_t, std::vector<std::size_t>> CommitPlan::days_to_read() {
    std::map<std::int32_t, std::vector<std::size_t>> days;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        EntityState& state = groups_[i].state;
        if (state.newest_us != EntityState::kNever || state.last_day == EntityState::kNoDay) {
            continue;
        }
        const std::span rows(rows_.data() + groups_[i].begin, groups_[i].end - groups_[i].begin);
        const Row& earliest = *std::ranges::min_element(rows, {}, &Row::observed_at);
        if (day_number(earliest.observed_at) > state.last_day) {
            state.newest_us = end_of(state.last_day) - 1;
        } else {
            days[state.last_day].push_back(i);
        }
    }
    return days;
}

void CommitPlan::set_newest(std::size_t group, std::int64_t newest_us) {
    EntityState& state = groups_[group].state;
    state.newest_us = newest_us;
    // Retention dropped that day. Earlier ones may still be there: any bound will do.
    if (newest_us == EntityState::kNever) state.newest_us = end_of(state.last_day) - 1;
}

std::vector<std::size_t> CommitPlan::drop_retired() {
    std::vector<std::size_t> refused;
    for (const Group& group : groups_) {
        if (!group.state.deleted) continue;
        for (std::uint32_t row = group.begin; row < group.end; ++row) {
            retired_rows_.push_back(row);
            const std::size_t part = rows_[row].part;
            if (parts_[part].job->request.atomic) refused.push_back(part);
        }
    }
    std::erase_if(groups_, [](const Group& group) { return group.state.deleted; });
    std::ranges::sort(refused);
    const auto repeated = std::ranges::unique(refused);
    refused.erase(repeated.begin(), repeated.end());
    return refused;
}

void CommitPlan::drop_known_tags() {
    for (Group& group : groups_) {
        tags_.drop(group.state, std::span(rows_).subspan(group.begin, group.end - group.begin));
    }
}

std::span<const AttributeSearch> CommitPlan::searches() {
    searches_.clear();
    searched_groups_.clear();
    for (std::size_t i = 0; i < groups_.size(); ++i) add_searches(i);
    return searches_;
}

void CommitPlan::add_searches(std::size_t group) {
    const auto& [begin, end, key, state, missing] = groups_[group];
    const std::size_t first = searches_.size();
    for (std::uint32_t r = begin; r < end; ++r) {
        const Row& row = rows_[r];
        if (to_micros(row.observed_at) > state.newest_us) continue;
        for (const std::uint32_t index : row.layout->hot) {
            const storage::Slot& slot = row.layout->slots[index];
            if (!HotChanges::needs_search(state, row, slot)) continue;
            const auto mine = std::span(searches_).subspan(first);
            if (std::ranges::find(mine, slot.attribute, &AttributeSearch::attribute) !=
                mine.end()) {
                continue;
            }
            const HotValue* known = state.find(slot.attribute);
            searches_.push_back({key, slot.attribute,
                                 known ? time_from_micros(known->observed_us) : row.observed_at,
                                 day_number(time_from_micros(state.newest_us))});
            searched_groups_.push_back(group);
        }
    }
}

void CommitPlan::add_later(std::span<const std::int64_t> later) {
    for (std::size_t i = 0; i < searches_.size(); ++i) {
        EntityState& state = groups_[searched_groups_[i]].state;
        HotValue* known = state.find(searches_[i].attribute);
        if (known == nullptr && later[i] == EntityState::kNever) continue;
        if (known == nullptr) {
            state.hot.push_back({{}, later[i], searches_[i].attribute, true});
            continue;
        }
        known->observed_us = std::max(known->observed_us, later[i]);
        known->exact = true;
    }
}

std::span<const ObservationKey> CommitPlan::keys_to_read() {
    keys_.clear();
    key_rows_.clear();
    for (const Group& group : groups_) {
        std::set<Time> asked;  // of several rows of one instant the first asks for all
        for (std::uint32_t r = group.begin; r < group.end; ++r) {
            const Time at = rows_[r].observed_at;
            if (to_micros(at) > group.state.newest_us) continue;
            if (group.end - group.begin > 1 && !asked.insert(at).second) continue;
            keys_.push_back({group.key, at});
            key_rows_.push_back(r);
        }
    }
    return keys_;
}

bool CommitPlan::fits() const {
    const bool atomic = parts_.size() == 1 && parts_.front().job->request.atomic;
    const std::size_t most = atomic ? limits_.existing_bytes_atomic : limits_.existing_bytes;
    return existing_bytes_ <= most || rows_.size() == 1;
}

bool CommitPlan::add_existing(storage::StoredObservation stored) {
    existing_bytes_ += stored.bytes();
    existing_of_row_[key_rows_[stored.place()]] = existing_.size();
    existing_.push_back(std::move(stored));
    return fits();
}

void CommitPlan::decide() {
    for (const Group& group : groups_) plan_group(group);
    std::ranges::sort(new_rows_, {}, [](const Row& row) {
        return std::tuple(day_of(row.observed_at), row.tenant, row.entity, row.observed_at);
    });
    for (Group& group : groups_) apply_hot(group);
}

void CommitPlan::plan_group(const Group& group) {
    if (group.end - group.begin == 1) return plan_instant(std::span(&group.begin, 1));
    order_.clear();
    for (std::uint32_t r = group.begin; r < group.end; ++r) order_.push_back(r);
    std::ranges::sort(order_, {}, [this](std::uint32_t r) {
        return std::pair(rows_[r].observed_at, rows_[r].arrival);
    });
    for (std::size_t begin = 0; begin < order_.size();) {
        std::size_t end = begin + 1;
        while (end < order_.size() &&
               rows_[order_[end]].observed_at == rows_[order_[begin]].observed_at) {
            ++end;
        }
        plan_instant(std::span(order_).subspan(begin, end - begin));
        begin = end;
    }
}

void CommitPlan::plan_instant(std::span<const std::uint32_t> same_instant) {
    const auto existing = existing_of_row_.find(same_instant.front());
    const bool stored = existing != existing_of_row_.end();
    if (same_instant.size() == 1 && !stored) {
        new_rows_.push_back(rows_[same_instant.front()]);
        return;
    }
    merger_.begin();
    if (stored) merger_.add_existing(existing_[existing->second]);
    for (const std::uint32_t r : same_instant) {
        const std::uint32_t replaced = merger_.add(rows_[r]);
        if (replaced > 0) overwritten_[rows_[r].part] += replaced;
    }
    if (auto merged = merger_.finish(rows_[same_instant.back()])) {
        shapes_.count(merged->layout->shape);
        (stored ? merged_rows_ : new_rows_).push_back(*merged);
    }
}

void CommitPlan::apply_hot(Group& group) {
    for (std::uint32_t i = group.begin; i < group.end; ++i) {
        hot_.apply(group.state, rows_[i], *parts_[rows_[i].part].layouts->catalog);
    }
    hot_.finish_entity(group.key, group.state);
}

void CommitPlan::settle() const {
    for (const std::uint32_t row : retired_rows_) {
        parts_[rows_[row].part].job->outcome.refuse_item(
            rows_[row].observation, ItemCode::entity_deleted,
            "the entity is retired; PUT /v1/entities/{entity} revives it");
    }
    for (const auto& [part, points] : overwritten_)
        parts_[part].job->outcome.count_overwritten(points);
}

}  // namespace atlas::ingest
