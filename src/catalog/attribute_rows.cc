// SPDX-License-Identifier: Apache-2.0
#include "catalog/attribute_rows.h"

namespace atlas::catalog {
namespace {

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
    return attribute;
}

}  // namespace

std::vector<model::Attribute> read_attributes(const pg::Rows& rows) {
    std::vector<model::Attribute> attributes;
    attributes.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) attributes.push_back(read_attribute(rows, row));
    return attributes;
}

}  // namespace atlas::catalog
