// SPDX-License-Identifier: Apache-2.0
#include "storage/observation.h"

namespace atlas::storage {
namespace {

constexpr int kColumns = 10;

}  // namespace

void append_header(pg::CopyWriter& copy, const ObservationHeader& header, const Shape& shape) {
    copy.tuple(kColumns).int8(header.tenant.value).int8(header.entity.value);
    copy.timestamptz(header.observed_at).timestamptz(header.received_at);
    const std::int32_t id = shape.id;
    if (id != 0) {
        copy.int4(id).null();
        return;
    }
    copy.null().begin_array(pg::kInt4Oid, shape.attrs.size());
    for (const std::int32_t attribute : shape.attrs) copy.element_int4(attribute);
    copy.end_array();
}

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

}  // namespace atlas::storage
