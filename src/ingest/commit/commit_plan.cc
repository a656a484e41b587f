// SPDX-License-Identifier: Apache-2.0
//
// The part of the committer that reads what the new rows meet, and decides what becomes of each.
#include <algorithm>
#include <map>
#include <set>

#include "ingest/commit/committer.h"

namespace atlas::ingest {
namespace {

// Of stored observations that one transaction merges with; what is atomic cannot be split.
constexpr std::size_t kMaxExistingBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxExistingBytesAtomic = std::size_t{512} << 20U;

std::int32_t day_number(Time time) {
    return static_cast<std::int32_t>(day_of(time).time_since_epoch().count());
}

std::int64_t end_of(std::int32_t day) {
    return to_micros(Time{std::chrono::sys_days{std::chrono::days{day + 1}}});
}

}  // namespace

pg::Expected<void> Committer::load_states(std::span<Part> parts) {
    std::vector<EntityKey> keys;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        Group& group = groups_[i];
        if (auto state = cache_.take(group.key.entity)) {
            group.state = std::move(*state);
            continue;
        }
        group.state.entity = group.key.entity;
        keys.push_back(group.key);
        places.push_back(i);
    }
    if (keys.empty()) return {};
    const auto stored = read_states(*connection_, keys);
    if (!stored) return failure(stored.error());
    std::vector<std::size_t> reported;
    for (const StoredState& from : *stored) {
        Group& group = groups_[places[from.key]];
        group.state.deleted = from.deleted;
        if (from.has_last_day) group.state.last_day = from.last_day;
        bool unknown = false;
        const Part& part = parts[rows_[group.begin].part];
        group.state.hot =
            read_hot_state(from.hot_attrs, from.hot_at, *part.layouts->catalog, unknown);
        if (!unknown) continue;
        // Another gateway registered an attribute since; a state without it would be wrong.
        const auto catalog = catalog_.reload(*connection_, group.key.tenant);
        if (!catalog) return failure(catalog.error());
        if (*catalog == nullptr) continue;
        group.state.hot = read_hot_state(from.hot_attrs, from.hot_at, **catalog, unknown);
    }
    return load_newest();
}

// States that were just read lack their newest instant. It lies on the last day on which the entity
// reported, and matters only to rows that are not of a later day.
pg::Expected<void> Committer::load_newest() {
    std::map<std::int32_t, std::vector<std::size_t>> by_day;
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
            by_day[state.last_day].push_back(i);
        }
    }
    for (const auto& [day, places] : by_day) {
        std::vector<EntityKey> keys;
        for (const std::size_t place : places) keys.push_back(groups_[place].key);
        const auto newest = read_newest(*connection_, keys, day);
        if (!newest) return failure(newest.error());
        for (std::size_t i = 0; i < places.size(); ++i) {
            std::int64_t& newest_us = groups_[places[i]].state.newest_us;
            newest_us = (*newest)[i];
            // Retention dropped that day. Earlier ones may still be there: any bound will do.
            if (newest_us == EntityState::kNever) newest_us = end_of(day) - 1;
        }
    }
    return {};
}

// A late value that differs may still be older than a repetition that was never written to the
// state; history knows.
pg::Expected<void> Committer::search_history(std::span<Part> parts) {
    std::vector<AttributeSearch> searches;
    std::vector<std::pair<std::size_t, std::int32_t>> wanted;  // group, attribute
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        Group& group = groups_[i];
        for (std::uint32_t r = group.begin; r < group.end; ++r) {
            const Row& row = rows_[r];
            if (to_micros(row.observed_at) > group.state.newest_us) continue;
            for (const std::uint32_t index : row.layout->hot) {
                const storage::Slot& slot = row.layout->slots[index];
                const model::Attribute* attribute =
                    parts[row.part].layouts->catalog->find(AttributeId{slot.attribute});
                if (!HotChanges::needs_search(group.state, row, slot, *attribute)) continue;
                if (std::ranges::find(wanted, std::pair(i, slot.attribute)) != wanted.end()) {
                    continue;
                }
                const HotValue* known = group.state.find(slot.attribute);
                wanted.emplace_back(i, slot.attribute);
                searches.push_back({group.key, slot.attribute,
                                    known ? time_from_micros(known->observed_us) : row.observed_at,
                                    day_number(time_from_micros(group.state.newest_us))});
            }
        }
    }
    if (searches.empty()) return {};
    const auto later = find_later(*connection_, searches);
    if (!later) return failure(later.error());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        EntityState& state = groups_[wanted[i].first].state;
        HotValue* known = state.find(wanted[i].second);
        if (known == nullptr && (*later)[i] == EntityState::kNever) continue;
        if (known == nullptr) {
            state.hot.push_back({{}, (*later)[i], wanted[i].second, true});
            continue;
        }
        known->observed_us = std::max(known->observed_us, (*later)[i]);
        known->exact = true;
    }
    return {};
}

// Only a row that is not newer than its entity's newest observation can meet one of its instant.
pg::Expected<bool> Committer::find_existing(std::span<const Part> parts) {
    std::vector<ObservationKey> keys;
    std::vector<std::uint32_t> places;
    for (const Group& group : groups_) {
        std::set<Time> asked;  // of several rows of one instant the first stands for all
        for (std::uint32_t r = group.begin; r < group.end; ++r) {
            const Time at = rows_[r].observed_at;
            if (to_micros(at) > group.state.newest_us) continue;
            if (group.end - group.begin > 1 && !asked.insert(at).second) continue;
            keys.push_back({group.key, at});
            places.push_back(r);
        }
    }
    if (keys.empty()) return true;
    const bool atomic = parts.size() == 1 && parts.front().job->request.atomic;
    const std::size_t most = atomic ? kMaxExistingBytesAtomic : kMaxExistingBytes;
    std::size_t bytes = 0;
    const auto fits = [&] { return bytes <= most || rows_.size() == 1; };
    const auto done = read_existing(*connection_, keys, [&](StoredObservation stored) {
        bytes += stored.bytes();
        existing_of_row_[places[stored.place()]] = existing_.size();
        existing_.push_back(std::move(stored));
        return fits();
    });
    if (!done) return failure(done.error());
    if (!fits()) return false;
    if (!existing_.empty() && !has_merge_table_) {
        const auto made = exec(
            "CREATE TEMP TABLE IF NOT EXISTS merged_observations (LIKE public.observations) "
            "ON COMMIT DELETE ROWS");
        if (!made) return failure(made.error());
        made_merge_table_ = true;
    }
    return true;
}

void Committer::plan_rows() {
    std::vector<std::uint32_t> order;
    for (const Group& group : groups_) {
        if (group.end - group.begin == 1) {
            plan_instant(std::span(&group.begin, 1));
            continue;
        }
        order.clear();
        for (std::uint32_t r = group.begin; r < group.end; ++r) order.push_back(r);
        std::ranges::sort(order, {}, [this](std::uint32_t r) {
            return std::pair(rows_[r].observed_at, rows_[r].arrival);
        });
        for (std::size_t begin = 0; begin < order.size();) {
            std::size_t end = begin + 1;
            while (end < order.size() &&
                   rows_[order[end]].observed_at == rows_[order[begin]].observed_at) {
                ++end;
            }
            plan_instant(std::span(order).subspan(begin, end - begin));
            begin = end;
        }
    }
}

void Committer::plan_instant(std::span<const std::uint32_t> same_instant) {
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
        (stored ? merged_rows_ : new_rows_).push_back(*merged);
    }
}

}  // namespace atlas::ingest
