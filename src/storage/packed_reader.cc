// SPDX-License-Identifier: Apache-2.0
#include "storage/packed_reader.h"

#include <algorithm>
#include <array>
#include <limits>

#include "model/convert.h"

namespace atlas::storage {
namespace {

using model::Group;

std::vector<std::int32_t> read_ids(std::string_view cell) {
    std::vector<std::int32_t> ids;
    for (pg::ArrayReader array(cell); array.next();) ids.push_back(array.int4());
    return ids;
}

}  // namespace

PackedReader::PackedReader(ShapeRegistry& shapes, std::vector<model::Attribute> wanted)
    : shapes_(shapes), known_(shapes.known()), wanted_(std::move(wanted)) {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        add_source(wanted_[i].id, wanted_[i].type, {.wanted = i, .age = 0});
        for (std::size_t age = 1; age <= wanted_[i].superseded.size(); ++age) {
            const model::Superseded& old = wanted_[i].superseded[age - 1];
            add_source(old.id, old.type, {.wanted = i, .age = age});
            has_superseded_ = true;
        }
    }
}

void PackedReader::add_source(AttributeId id, model::Type type, Source source) {
    index_.emplace(id.value, source);
    groups_ = std::max(groups_, static_cast<std::size_t>(model::group_of(type)) + 1);
}

PackedReader::~PackedReader() {
    if (!learned_.empty()) shapes_.learn(learned_);
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
        // for, which does not matter after it.
        for (int i = 0; i < lengths[group] && at < attrs.size(); ++i, ++at) {
            const auto found = index_.find(attrs[at]);
            if (found != index_.end()) layout.slots[group].push_back({found->second, i});
        }
    }
    if (has_superseded_) drop_superseded(layout);
    return layout;
}

// Where a row holds an attribute under several ids, the newest is what was written last.
void PackedReader::drop_superseded(Layout& layout) const {
    std::vector<std::size_t> newest(wanted_.size(), std::numeric_limits<std::size_t>::max());
    for (const auto& slots : layout.slots) {
        for (const Slot& slot : slots) {
            newest[slot.source.wanted] = std::min(newest[slot.source.wanted], slot.source.age);
        }
    }
    for (auto& slots : layout.slots) {
        std::erase_if(slots, [&newest](const Slot& slot) {
            return slot.source.age > newest[slot.source.wanted];
        });
    }
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
                        const std::function<void(std::size_t, const model::Value&)>& use) {
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
    texts_used_ = 0;
    for (std::size_t group = 0; group < groups_; ++group) {
        const auto& slots = layout.slots[group];
        if (slots.empty()) continue;
        const pg::ArrayReader array(rows.text(row, column + 2 + static_cast<int>(group)));
        if (!read_group(array, static_cast<Group>(group), slots, use)) return false;
    }
    return true;
}

bool PackedReader::read_group(pg::ArrayReader array, Group group, const std::vector<Slot>& slots,
                              const std::function<void(std::size_t, const model::Value&)>& use) {
    model::Value value;
    value.group = group;
    int at = -1;
    for (const Slot& slot : slots) {
        while (at < slot.index) {
            if (!array.next()) return false;
            ++at;
        }
        value.null = array.null();
        if (!value.null) {
            switch (group) {
                case Group::ints: value.integer = array.int8(); break;
                case Group::doubles: value.number = array.float8(); break;
                case Group::decimals: value.text = digits_of(array); break;
                case Group::texts: value.text = array.text(); break;
            }
        }
        if (slot.source.age == 0) {
            use(slot.source.wanted, value);
        } else if (const auto converted = convert(slot.source, value)) {
            use(slot.source.wanted, *converted);
        }
    }
    return true;
}

std::optional<model::Value> PackedReader::convert(Source source, const model::Value& value) {
    const model::Attribute& attribute = wanted_[source.wanted];
    return model::convert(attribute.superseded[source.age - 1].type, attribute.type, value,
                          next_text());
}

std::string_view PackedReader::digits_of(const pg::ArrayReader& array) {
    std::string& digits = next_text();
    array.append_numeric_to(digits);
    return digits;
}

std::string& PackedReader::next_text() {
    if (texts_used_ == texts_.size()) texts_.emplace_back();
    std::string& text = texts_[texts_used_++];
    text.clear();
    return text;
}

}  // namespace atlas::storage
