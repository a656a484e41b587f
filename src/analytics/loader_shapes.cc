// SPDX-License-Identifier: Apache-2.0
#include "analytics/loader_shapes.h"

#include "pg/binary_result.h"

namespace atlas::analytics {

LoaderShapes::Place* LoaderShapes::place_of(std::int32_t shape) {
    if (shape < 0 || shape > kMaxId) return nullptr;
    const auto at = static_cast<std::size_t>(shape);
    if (at >= places_.size()) places_.resize(at + 1);
    return &places_[at];
}

bool LoaderShapes::add(std::int32_t shape, std::string_view attributes) {
    Place* const place = place_of(shape);
    if (place == nullptr) return false;
    if (place->known) return true;
    const std::size_t begin = attributes_.size();
    pg::ArrayReader array(attributes);
    while (array.next()) attributes_.push_back(array.int4());
    if (!array.good()) {
        attributes_.resize(begin);
        return false;
    }
    *place = {.begin = static_cast<std::uint32_t>(begin),
              .count = static_cast<std::uint32_t>(attributes_.size() - begin),
              .known = true};
    ++known_;
    return true;
}

void LoaderShapes::add_empty(std::int32_t shape) {
    Place* const place = place_of(shape);
    if (place == nullptr || place->known) return;
    *place = {.begin = 0, .count = 0, .known = true};
    ++known_;
}

}  // namespace atlas::analytics
