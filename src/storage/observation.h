// SPDX-License-Identifier: Apache-2.0
//
// One row of `observations`: encoded for COPY BINARY, and as it is read back.
//
//     slots of a layout → append_observation() → COPY        SELECT → [StoredObservation] → merging
//
// docs/internals/storage.md has the format.
//
// Lifetime   a stored observation owns its bytes.
// Threading  one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "model/attribute.h"
#include "pg/copy_binary.h"
#include "storage/layout.h"

namespace atlas::storage {

// The columns, in the order in which append_observation() writes them.
inline constexpr std::string_view kObservationColumns =
    "(tenant_id, entity_id, observed_at, received_at, shape_id, attrs, int_values, double_values, "
    "decimal_values, text_values)";

struct ObservationHeader {
    TenantId tenant;
    EntityId entity;
    Time observed_at;
    Time received_at;
};

// Appends the columns in front of the value arrays.
void append_header(pg::CopyWriter& copy, const ObservationHeader& header, const Shape& shape);

// Appends one row. `cells` hands out the value of a slot in the form of its group: is_null(slot),
// then one of int8(slot), float8(slot), decimal(slot) (its digits), text(slot).
// Cost: no allocation beyond the growth of the writer's buffer.
template <class Cells>
void append_observation(pg::CopyWriter& copy, const ObservationHeader& header, const Layout& layout,
                        const Cells& cells) {
    append_header(copy, header, *layout.shape);
    std::size_t next = 0;
    const auto append_group = [&](model::Group group, std::uint32_t oid, auto append) {
        const std::size_t count = layout.counts[static_cast<std::size_t>(group)];
        if (count == 0) {
            copy.null();
            return;
        }
        copy.begin_array(oid, count);
        for (const std::size_t end = next + count; next < end; ++next) {
            const Slot& slot = layout.slots[next];
            if (cells.is_null(slot)) {
                copy.element_null();
            } else {
                append(slot);
            }
        }
        copy.end_array();
    };
    append_group(model::Group::ints, pg::kInt8Oid,
                 [&](const Slot& slot) { copy.element_int8(cells.int8(slot)); });
    append_group(model::Group::doubles, pg::kFloat8Oid,
                 [&](const Slot& slot) { copy.element_float8(cells.float8(slot)); });
    append_group(model::Group::decimals, pg::kNumericOid, [&](const Slot& slot) {
        // Validation has checked that the digits are a number.
        if (!copy.element_numeric(cells.decimal(slot))) copy.element_null();
    });
    append_group(model::Group::texts, pg::kTextOid,
                 [&](const Slot& slot) { copy.element_text(cells.text(slot)); });
}

// One row as stored, in binary and without slack.
class StoredObservation {
public:
    // attrs and the arrays of the four groups, each in PostgreSQL's binary format; empty: NULL.
    static constexpr std::size_t kCells = 5;
    StoredObservation(std::size_t place, std::span<const std::string_view, kCells> cells);

    std::size_t place() const { return place_; }             // into the keys that were asked for
    std::string_view attributes() const { return cell(0); }  // int4[]
    // The array of a group's values; empty when there is none.
    std::string_view values(model::Group group) const {
        return cell(static_cast<std::size_t>(group) + 1);
    }
    std::size_t bytes() const { return bytes_.size(); }

private:
    std::string_view cell(std::size_t i) const;

    std::size_t place_;
    std::array<std::uint32_t, kCells> ends_{};
    std::string bytes_;
};

}  // namespace atlas::storage
