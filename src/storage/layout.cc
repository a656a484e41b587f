// SPDX-License-Identifier: Apache-2.0
#include "storage/layout.h"

#include <algorithm>
#include <tuple>

namespace atlas::storage {

Layout make_layout(std::vector<Slot> slots, ShapeRegistry& shapes) {
    std::ranges::sort(slots, {}, [](const Slot& slot) {
        return std::tuple(model::group_of(slot.type), slot.attribute);
    });
    Layout layout;
    std::vector<std::int32_t> attrs;
    attrs.reserve(slots.size());
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
        attrs.push_back(slots[i].attribute);
        ++layout.counts[static_cast<std::size_t>(model::group_of(slots[i].type))];
        if (slots[i].hot) layout.hot.push_back(i);
        layout.has_tags |= slots[i].tag;
    }
    layout.shape = shapes.find(attrs);
    layout.slots = std::move(slots);
    return layout;
}

}  // namespace atlas::storage
