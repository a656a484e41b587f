// SPDX-License-Identifier: Apache-2.0
//
// How the data points of an observation become a packed row: which of them, in which order, in
// which value array. Observations that have the same attributes in the same order share a layout,
// so packing is a walk along its slots.
//
// Lifetime   plain data that keeps its shape alive.
// Threading  not changed once made; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/attribute.h"
#include "storage/shapes.h"

namespace atlas::storage {

// One data point on its way into a row: its place in the observation, its attribute and the type
// under which it is stored.
struct Slot {
    std::uint32_t position = 0;
    std::int32_t attribute = 0;
    model::Type type = model::Type::string;
    bool hot = false;
    bool tag = false;
};

struct Layout {
    ShapePtr shape;
    std::vector<Slot> slots;                // in packed order
    std::array<std::uint32_t, 4> counts{};  // slots of each model::Group
    std::vector<std::uint32_t> hot;         // indices into slots
    std::uint32_t repeated = 0;             // points of the item that a later one replaced
    bool has_tags = false;
};

// Sorts `slots` into packed order and finds the shape. An attribute occurs at most once.
Layout make_layout(std::vector<Slot> slots, ShapeRegistry& shapes);

}  // namespace atlas::storage
