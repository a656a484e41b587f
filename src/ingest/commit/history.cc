// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/history.h"

namespace atlas::ingest {

StoredObservation::StoredObservation(std::size_t place,
                                     std::span<const std::string_view, kCells> cells)
    : place_(place) {
    std::size_t bytes = 0;
    for (const std::string_view cell : cells) bytes += cell.size();
    bytes_.reserve(bytes);
    for (std::size_t i = 0; i < kCells; ++i) {
        bytes_ += cells[i];
        ends_[i] = static_cast<std::uint32_t>(bytes_.size());
    }
}

std::string_view StoredObservation::cell(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
}

}  // namespace atlas::ingest
