// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/merger.h"

#include <bit>

#include "ingest/resolve/value_check.h"
#include "pg/binary_result.h"

namespace atlas::ingest {

using model::Group;
using model::Type;

namespace {

// A type whose values the group stores as they are.
Type type_of(Group group) {
    switch (group) {
        case Group::ints: return Type::int64;
        case Group::doubles: return Type::float64;
        case Group::decimals: return Type::decimal;
        case Group::texts: break;
    }
    return Type::string;
}

}  // namespace

void Merger::clear() {
    scratch_.emplace(std::string{});
    layouts_.clear();
}

void Merger::begin() {
    if (!scratch_) clear();
    values_.clear();
    by_attribute_.clear();
    has_existing_ = false;
    changed_ = false;
}

void Merger::add_existing(const storage::StoredObservation& stored) {
    has_existing_ = true;
    pg::ArrayReader attributes(stored.attributes());
    for (const Group group : {Group::ints, Group::doubles, Group::decimals, Group::texts}) {
        const std::string_view values = stored.values(group);
        if (values.empty()) continue;
        for (pg::ArrayReader cells(values); cells.next() && attributes.next();) {
            Value value{attributes.int4(), group, {}, kStored};
            if (!cells.null()) {
                switch (group) {
                    case Group::ints:
                        value.point.kind = Kind::int64;
                        value.point.payload = static_cast<std::uint64_t>(cells.int8());
                        break;
                    case Group::doubles:
                        value.point.kind = Kind::float64;
                        value.point.payload = std::bit_cast<std::uint64_t>(cells.float8());
                        break;
                    case Group::decimals: {
                        std::string digits;
                        cells.append_numeric_to(digits);
                        value.point.kind = Kind::string;
                        value.point.payload = pack(scratch_->keep(digits));
                        break;
                    }
                    case Group::texts:
                        value.point.kind = Kind::string;
                        value.point.payload = pack(scratch_->keep(cells.text()));
                        break;
                }
            }
            put(value);
        }
    }
    changed_ = false;
}

std::uint32_t Merger::add(const Row& row) {
    std::uint32_t replaced = 0;
    for (const storage::Slot& slot : row.layout->slots) {
        if (put(stored_form(row, slot)) == row.part) ++replaced;
    }
    return replaced;
}

Merger::Value Merger::stored_form(const Row& row, const storage::Slot& slot) {
    const Point& point = row.point(slot);
    Value value{slot.attribute, model::group_of(slot.type), {}, row.part};
    if (point.kind == Kind::null) return value;
    switch (value.group) {
        case Group::ints:
            value.point.kind = Kind::int64;
            value.point.payload =
                static_cast<std::uint64_t>(stored_int(*row.batch, point, slot.type));
            break;
        case Group::doubles:
            value.point.kind = Kind::float64;
            value.point.payload = std::bit_cast<std::uint64_t>(stored_double(*row.batch, point));
            break;
        case Group::decimals:
            value.point.kind = Kind::string;
            value.point.payload = pack(scratch_->keep(stored_decimal(*row.batch, point)));
            break;
        case Group::texts:
            value.point.kind = Kind::string;
            value.point.payload = pack(scratch_->keep(stored_text(*row.batch, point)));
            break;
    }
    return value;
}

std::optional<std::uint32_t> Merger::put(const Value& value) {
    const auto [known, added] = by_attribute_.emplace(value.attribute, values_.size());
    if (added) {
        values_.push_back(value);
        changed_ = true;
        return std::nullopt;
    }
    Value& before = values_[known->second];
    changed_ |= !same(before, value);
    const std::uint32_t part = before.part;
    before = value;
    return part;
}

bool Merger::same(const Value& a, const Value& b) const {
    if (a.group != b.group || a.point.kind != b.point.kind) return false;
    if (a.point.kind != Kind::string) return a.point.payload == b.point.payload;
    return scratch_->text(unpack_text(a.point.payload)) ==
           scratch_->text(unpack_text(b.point.payload));
}

std::optional<Row> Merger::finish(const Row& last) {
    if (has_existing_ && !changed_) return std::nullopt;
    Row row = last;
    row.batch = &*scratch_;
    row.first_point = static_cast<std::uint32_t>(scratch_->points().size());
    std::vector<storage::Slot> slots;
    slots.reserve(values_.size());
    for (const Value& value : values_) {
        slots.push_back({static_cast<std::uint32_t>(slots.size()), value.attribute,
                         type_of(value.group), false, false});
        scratch_->add(value.point);
    }
    layouts_.push_back(storage::make_layout(std::move(slots), shapes_));
    row.layout = &layouts_.back();
    return row;
}

}  // namespace atlas::ingest
