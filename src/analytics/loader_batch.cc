// SPDX-License-Identifier: Apache-2.0
#include "analytics/loader_batch.h"

#include <xxhash.h>

#include <algorithm>

namespace atlas::analytics {

using Outcome = LoaderPoints::Outcome;

std::size_t LoaderBatch::KeyHash::operator()(const ObservationKey& key) const {
    return XXH3_64bits(&key, sizeof key);
}

std::size_t LoaderBatch::KeyHash::operator()(const DimensionKey& key) const {
    return XXH3_64bits_withSeed(key.parts.data(), sizeof key.parts,
                                static_cast<std::uint64_t>(key.table));
}

void LoaderBatch::touch(const ObservationKey& key, Last last) {
    const auto [place, fresh] = touched_.try_emplace(key, last);
    if (fresh) {
        place->second.first = row_ends_.size();
        return;
    }
    place->second.row = last.row;
    place->second.removed = last.removed;
    place->second.incomplete = last.incomplete;
}

Outcome LoaderBatch::add(LoaderPoints& rows, std::span<const stream::Cell> row) {
    const Outcome outcome = rows.append(row, batch_.points);
    if (outcome != Outcome::added) return outcome;
    // A key that was removed in this batch comes back.
    if (!touched_.empty()) {
        const auto found = touched_.find(*rows.key(row));
        if (found != touched_.end()) {
            found->second.row = row_ends_.size();
            found->second.removed = false;
            found->second.incomplete = false;
        }
    }
    row_ends_.push_back(static_cast<std::uint32_t>(batch_.points.size()));
    return outcome;
}

Outcome LoaderBatch::replace(LoaderPoints& rows, std::span<const stream::Cell> row) {
    const auto key = rows.key(row);
    if (!key) return Outcome::damaged;
    const Outcome outcome = rows.append(row, batch_.points);
    if (outcome == Outcome::added) {
        touch(*key, {.row = row_ends_.size()});
        row_ends_.push_back(static_cast<std::uint32_t>(batch_.points.size()));
    } else if (outcome == Outcome::unchanged) {
        touch(*key, {.row = row_ends_.size(), .incomplete = true});
    }
    return outcome;
}

void LoaderBatch::remove(const ObservationKey& key) {
    touch(key, {.row = row_ends_.size(), .removed = true});
}

std::vector<ObservationKey> LoaderBatch::missing() const {
    std::vector<ObservationKey> keys;
    for (const auto& [key, last] : touched_) {
        if (last.incomplete && !last.removed) keys.push_back(key);
    }
    std::ranges::sort(keys);
    return keys;
}

DimensionRow& LoaderBatch::dimension(const DimensionKey& key) {
    const auto [place, fresh] = dimensions_.try_emplace(key, batch_.dimensions.size());
    if (fresh) batch_.dimensions.emplace_back();
    return batch_.dimensions[place->second];
}

void LoaderBatch::truncate(stream::Table table) {
    if (std::ranges::find(batch_.truncated, table) == batch_.truncated.end()) {
        batch_.truncated.push_back(table);
    }
    if (table == stream::Table::observations) {
        batch_.points.clear();
        row_ends_.clear();
        touched_.clear();
        return;
    }
    std::vector<DimensionRow> kept;
    std::unordered_map<DimensionKey, std::size_t, KeyHash> places;
    for (const auto& [key, place] : dimensions_) {
        if (key.table == table) continue;
        places.emplace(key, kept.size());
        kept.push_back(std::move(batch_.dimensions[place]));
    }
    batch_.dimensions = std::move(kept);
    dimensions_ = std::move(places);
}

bool LoaderBatch::full() const {
    return batch_.points.size() >= max_points_ || batch_.points.text_bytes.size() >= kMaxBytes ||
           touched_.size() >= kMaxRows || batch_.dimensions.size() >= kMaxRows;
}

bool LoaderBatch::empty() const {
    return row_ends_.empty() && touched_.empty() && batch_.dimensions.empty() &&
           batch_.truncated.empty() && batch_.cleared.empty();
}

void LoaderBatch::drop_replaced() {
    std::vector<bool> keep(row_ends_.size(), true);
    const Points& points = batch_.points;
    std::size_t begin = 0;
    for (std::size_t row = 0; row < row_ends_.size(); ++row) {
        const std::size_t end = row_ends_[row];
        if (begin < end) {
            const auto found = touched_.find({.tenant = points.tenant[begin],
                                              .entity = points.entity[begin],
                                              .observed_at = points.observed_at[begin]});
            if (found != touched_.end()) {
                Last& last = found->second;
                if (row < last.first) last.stored = false;  // its first change was an insert
                keep[row] = row == last.row && !last.removed && !last.incomplete;
            }
        }
        begin = end;
    }
    keep_rows(batch_.points, row_ends_, keep);
}

const Batch& LoaderBatch::finish() {
    if (touched_.empty()) return batch_;
    drop_replaced();
    for (const auto& [key, last] : touched_) {
        if (last.stored) batch_.removed.push_back(key);
    }
    std::ranges::sort(batch_.removed);
    touched_.clear();
    return batch_;
}

void LoaderBatch::clear() {
    batch_.truncated.clear();
    batch_.cleared.clear();
    batch_.removed.clear();
    batch_.points.clear();
    batch_.dimensions.clear();
    batch_.notes.clear();
    batch_.until.reset();
    batch_.committed_at = {};
    row_ends_.clear();
    touched_.clear();
    dimensions_.clear();
}

}  // namespace atlas::analytics
