// SPDX-License-Identifier: Apache-2.0
#include "query/packed_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pg/binary_result.h"
#include "pg/params.h"
#include "pg/rows.h"

namespace atlas::query {
namespace {

using model::Group;

std::vector<std::int32_t> read_ids(std::string_view cell) {
    std::vector<std::int32_t> ids;
    for (pg::ArrayReader array(cell); array.next();) ids.push_back(array.int4());
    return ids;
}

}  // namespace

std::shared_ptr<const ShapeCache::Shapes> ShapeCache::known() const {
    const std::lock_guard lock(mutex_);
    return shapes_;
}

void ShapeCache::add(const Shapes& more) {
    const std::lock_guard lock(mutex_);
    auto all = std::make_shared<Shapes>(*shapes_);
    for (const auto& [shape, attrs] : more) {
        if (all->size() >= kMaxShapes || ids_ + attrs.size() > kMaxIds) break;
        if (all->emplace(shape, attrs).second) ids_ += attrs.size();
    }
    shapes_ = std::move(all);
}

PackedReader::PackedReader(ShapeCache& cache, std::vector<model::Attribute> wanted)
    : cache_(cache), known_(cache.known()), wanted_(std::move(wanted)) {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        index_.emplace(wanted_[i].id.value, i);
        groups_ = std::max(groups_, static_cast<std::size_t>(model::group_of(wanted_[i].type)) + 1);
    }
}

PackedReader::~PackedReader() {
    if (!learned_.empty()) cache_.add(learned_);
}

std::string PackedReader::columns_sql(pg::Params& params) const {
    std::vector<std::int32_t> known;
    known.reserve(known_->size());
    for (const auto& [shape, attrs] : *known_) known.push_back(shape);
    params.add_int4s(known);
    // Ints and doubles always come: numbers are cast from one to the other. The length of every
    // array in front of one that is read says where that one begins in the list of attributes.
    return fmt::format(
        "o.shape_id, CASE WHEN o.shape_id IS NULL THEN o.attrs WHEN o.shape_id = ANY ({}) THEN "
        "NULL "
        "ELSE (SELECT s.attrs FROM public.shapes s WHERE s.shape_id = o.shape_id) END, "
        "o.int_values, o.double_values{}{}",
        params.placeholder(), groups_ > 2 ? ", o.decimal_values" : "",
        groups_ > 3 ? ", o.text_values" : "");
}

std::string PackedReader::holds_sql(pg::Params& params) const {
    std::vector<std::int32_t> ids;
    ids.reserve(wanted_.size());
    for (const auto& attribute : wanted_) ids.push_back(attribute.id.value);
    params.add_int4s(ids);
    return fmt::format(
        "(o.shape_id = ANY (ARRAY(SELECT s.shape_id FROM public.shapes s WHERE s.attrs && {0})) OR "
        "o.attrs && {0})",
        params.placeholder());
}

const std::vector<std::int32_t>* PackedReader::attributes_of(std::int32_t shape,
                                                             std::string_view cell) {
    if (const auto found = known_->find(shape); found != known_->end()) return &found->second;
    const auto [place, fresh] = learned_.try_emplace(shape);
    if (fresh) place->second = read_ids(cell);
    return &place->second;
}

PackedReader::Layout PackedReader::make_layout(const std::vector<std::int32_t>& attrs,
                                               std::array<int, 4> lengths) const {
    Layout layout;
    layout.lengths = lengths;
    std::size_t at = 0;
    for (std::size_t group = 0; group < 4; ++group) {
        // The last array read takes what is left: its own length may be that of an array not asked
        // for, which does not matter behind it.
        for (int i = 0; i < lengths[group] && at < attrs.size(); ++i, ++at) {
            const auto found = index_.find(attrs[at]);
            if (found != index_.end()) layout.slots[group].push_back({found->second, i});
        }
    }
    return layout;
}

const PackedReader::Layout& PackedReader::layout_of(std::int32_t shape,
                                                    const std::vector<std::int32_t>& attrs,
                                                    std::array<int, 4> lengths) {
    if (shape == 0) {
        loose_ = make_layout(attrs, lengths);
        return loose_;
    }
    const auto [place, fresh] = layouts_.try_emplace(shape);
    if (fresh || place->second.lengths != lengths) place->second = make_layout(attrs, lengths);
    return place->second;
}

bool PackedReader::read(const pg::Rows& rows, int row, int column,
                        const std::function<void(std::size_t, const PackedValue&)>& use) {
    const bool shaped = !rows.is_null(row, column);
    const std::int32_t shape = shaped ? pg::read_int4(rows.text(row, column)) : 0;
    std::vector<std::int32_t> own;
    const std::vector<std::int32_t>* attrs = &own;
    if (shaped) {
        attrs = attributes_of(shape, rows.text(row, column + 1));
    } else {
        own = read_ids(rows.text(row, column + 1));
    }
    std::array<int, 4> lengths{};
    for (std::size_t group = 0; group < groups_; ++group) {
        const int cell = column + 2 + static_cast<int>(group);
        if (!rows.is_null(row, cell)) lengths[group] = pg::ArrayReader(rows.text(row, cell)).size();
    }
    const Layout& layout = layout_of(shape, *attrs, lengths);
    for (std::size_t group = 0; group < groups_; ++group) {
        const auto& slots = layout.slots[group];
        if (slots.empty()) continue;
        pg::ArrayReader array(rows.text(row, column + 2 + static_cast<int>(group)));
        PackedValue value;
        value.group = static_cast<Group>(group);
        int at = -1;
        for (const Slot& slot : slots) {
            while (at < slot.index) {
                if (!array.next()) return false;
                ++at;
            }
            value.null = array.null();
            value.cell = array.text();
            if (value.group == Group::ints) value.integer = array.null() ? 0 : array.int8();
            if (value.group == Group::doubles) value.number = array.null() ? 0 : array.float8();
            use(slot.wanted, value);
        }
    }
    return true;
}

}  // namespace atlas::query
