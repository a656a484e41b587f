// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/copy_rows.h"

#include "ingest/resolve/value_check.h"

namespace atlas::ingest {

using model::Group;

namespace {

constexpr int kColumns = 10;

void append_shape(pg::CopyWriter& copy, const storage::Shape& shape) {
    const std::int32_t id = shape.id;
    if (id != 0) {
        copy.int4(id).null();
        return;
    }
    copy.null().begin_array(pg::kInt4Oid, shape.attrs.size());
    for (const std::int32_t attribute : shape.attrs) copy.element_int4(attribute);
    copy.end_array();
}

// Writes one array of values, or NULL for a group without attributes.
template <class Append>
std::size_t append_group(pg::CopyWriter& copy, const Row& row, Group group, std::size_t first,
                         std::uint32_t oid, Append append) {
    const std::size_t count = row.layout->counts[static_cast<std::size_t>(group)];
    if (count == 0) {
        copy.null();
        return first;
    }
    copy.begin_array(oid, count);
    for (std::size_t i = first; i < first + count; ++i) {
        const storage::Slot& slot = row.layout->slots[i];
        const Point& point = row.point(slot);
        if (point.kind == Kind::null) {
            copy.element_null();
        } else {
            append(slot, point);
        }
    }
    copy.end_array();
    return first + count;
}

}  // namespace

void append_row(pg::CopyWriter& copy, const Row& row) {
    const Batch& batch = *row.batch;
    copy.tuple(kColumns).int8(row.tenant.value).int8(row.entity.value);
    copy.timestamptz(row.observed_at).timestamptz(row.received_at);
    append_shape(copy, *row.layout->shape);
    std::size_t next = 0;
    next = append_group(copy, row, Group::ints, next, pg::kInt8Oid,
                        [&](const storage::Slot& slot, const Point& point) {
                            copy.element_int8(stored_int(batch, point, slot.type));
                        });
    next = append_group(copy, row, Group::doubles, next, pg::kFloat8Oid,
                        [&](const storage::Slot&, const Point& point) {
                            copy.element_float8(stored_double(point));
                        });
    next = append_group(copy, row, Group::decimals, next, pg::kNumericOid,
                        [&](const storage::Slot&, const Point& point) {
                            // Validation has checked that the literal is one.
                            if (!copy.element_numeric(stored_decimal(batch, point))) {
                                copy.element_null();
                            }
                        });
    append_group(copy, row, Group::texts, next, pg::kTextOid,
                 [&](const storage::Slot&, const Point& point) {
                     copy.element_text(stored_text(batch, point));
                 });
}

}  // namespace atlas::ingest
