// SPDX-License-Identifier: Apache-2.0
#include "catalog/attribute_rows.h"

#include <algorithm>
#include <string_view>

namespace atlas::catalog {
namespace {

// The last of find.sql, and those of load.sql.
enum Column : int { kFollowing = 9, kFromTags, kCategory, kOldName, kState, kSuccessor, kAge };

model::Attribute read_attribute(const pg::Rows& rows, int row) {
    model::Attribute attribute;
    attribute.id = AttributeId{static_cast<std::int32_t>(rows.int8(row, 0))};
    attribute.name = rows.text(row, 1);
    attribute.type = model::parse_type(rows.text(row, 2)).value_or(model::Type::string);
    attribute.hot = rows.boolean(row, 3);
    attribute.declared = rows.boolean(row, 4);
    attribute.in_use = rows.boolean(row, 5);
    attribute.unit = rows.text(row, 6);
    attribute.description = rows.text(row, 7);
    attribute.created_at = time_from_micros(rows.int8(row, 8));
    attribute.following = rows.boolean(row, kFollowing);
    attribute.from_tags = rows.boolean(row, kFromTags);
    attribute.category = rows.text(row, kCategory);
    return attribute;
}

}  // namespace

std::vector<model::Attribute> read_attributes(const pg::Rows& rows) {
    std::vector<model::Attribute> attributes;
    attributes.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) attributes.push_back(read_attribute(rows, row));
    return attributes;
}

LoadedAttributes read_loaded_attributes(const pg::Rows& rows) {
    LoadedAttributes loaded;
    struct Old {
        std::int64_t successor;
        std::int64_t age;
        model::Superseded storage;
    };
    std::vector<Old> old;
    for (int row = 0; row < rows.size(); ++row) {
        model::Attribute attribute = read_attribute(rows, row);
        const std::string_view state = rows.text(row, kState);
        if (state == "superseded") {
            old.push_back({.successor = rows.int8(row, kSuccessor),
                           .age = rows.int8(row, kAge),
                           .storage = {.id = attribute.id, .type = attribute.type}});
        } else if (state == "dropped") {
            loaded.dropped.push_back(std::move(attribute.name));
        } else {
            attribute.old_name = rows.text(row, kOldName);
            loaded.attributes.push_back(std::move(attribute));
        }
    }
    std::ranges::sort(old, {}, &Old::age);
    for (const Old& one : old) {
        const auto successor = std::ranges::lower_bound(
            loaded.attributes, AttributeId{static_cast<std::int32_t>(one.successor)}, {},
            &model::Attribute::id);
        if (successor == loaded.attributes.end() || successor->id.value != one.successor) continue;
        successor->superseded.push_back(one.storage);
    }
    return loaded;
}

}  // namespace atlas::catalog
