// SPDX-License-Identifier: Apache-2.0
//
// The attributes of each shape, by its id: what a row of observations does not repeat.
//
//     shapes in the database, changes of the table → [LoaderShapes] → LoaderPoints
//
// Shapes never change and are never deleted, so it does not matter which of the two is ahead.
//
// Lifetime   the loader's or the copy's. What find() returns is valid until the next add().
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace atlas::analytics {

class LoaderShapes {
public:
    // Storage ids in packed order; nullopt: not known here.
    std::optional<std::span<const std::int32_t>> find(std::int32_t shape) const {
        const auto at = static_cast<std::size_t>(shape);
        if (shape < 0 || at >= places_.size() || !places_[at].known) return std::nullopt;
        return std::span(attributes_).subspan(places_[at].begin, places_[at].count);
    }
    // `attributes` is a binary int4[]. False when it, or the id, is none; a known shape stays.
    bool add(std::int32_t shape, std::string_view attributes);
    // The same for a shape that the database lacks: its rows have no points.
    void add_empty(std::int32_t shape);
    std::size_t size() const { return known_; }

    // Ids come from a sequence that is bounded by the number of shapes, plus what was rolled back.
    static constexpr std::int32_t kMaxId = 1'000'000;

private:
    struct Place {
        std::uint32_t begin = 0;
        std::uint32_t count = 0;
        bool known = false;
    };
    Place* place_of(std::int32_t shape);

    std::vector<Place> places_;  // by id
    std::vector<std::int32_t> attributes_;
    std::size_t known_ = 0;
};

}  // namespace atlas::analytics
