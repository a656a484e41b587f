// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/known_tags.h"

#include <algorithm>

namespace atlas::ingest {
namespace {

// A text that came without tags may be the value of one: the next tags are written again.
void void_hash(EntityState& state, const storage::Layout& layout) {
    if (state.tags_hash == 0) return;
    const bool text = std::ranges::any_of(layout.slots, [](const storage::Slot& slot) {
        return model::group_of(slot.type) == model::Group::texts;
    });
    if (text) state.tags_hash = 0;
}

bool are_known(EntityState& state, const Row& row, bool reported, bool late) {
    const Observation& item = row.batch->observations()[row.observation];
    if (item.tags_are_identity) return reported;
    const bool same = state.tags_hash == item.tags_hash;
    // Late tags belong to their instant. Where they differ, the present ones were not written
    // since: the next line writes them.
    if (late) {
        if (!same) state.tags_hash = 0;
        return false;
    }
    state.tags_hash = item.tags_hash;
    return same;
}

}  // namespace

void KnownTags::clear() {
    layouts_.clear();
    without_tags_.clear();
}

void KnownTags::drop(EntityState& state, std::span<Row> rows) {
    std::int64_t newest_us = state.newest_us;
    bool reported = state.newest_us != EntityState::kNever || state.last_day != EntityState::kNoDay;
    for (Row& row : rows) {
        const bool late = to_micros(row.observed_at) < newest_us;
        newest_us = std::max(newest_us, to_micros(row.observed_at));
        if (!row.layout->has_tags) {
            void_hash(state, *row.layout);
        } else if (are_known(state, row, reported, late)) {
            const storage::Layout* bare = without_tags(*row.layout);
            if (!bare->slots.empty()) {
                row.layout = bare;
                counter_.count(bare->shape);
            }
        }
        reported = true;
    }
}

const storage::Layout* KnownTags::without_tags(const storage::Layout& layout) {
    auto [known, added] = without_tags_.try_emplace(&layout, nullptr);
    if (added) {
        std::vector<storage::Slot> slots = layout.slots;
        std::erase_if(slots, [](const storage::Slot& slot) { return slot.tag; });
        layouts_.push_back(storage::make_layout(std::move(slots), shapes_));
        known->second = &layouts_.back();
    }
    return known->second;
}

}  // namespace atlas::ingest
