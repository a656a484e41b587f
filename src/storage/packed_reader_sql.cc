// SPDX-License-Identifier: Apache-2.0
//
// The columns and conditions that a PackedReader reads.
#include <fmt/format.h>

#include "storage/packed_reader.h"

namespace atlas::storage {

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
    for (const auto& attribute : wanted_) {
        ids.push_back(attribute.id.value);
        for (const auto& old : attribute.superseded) ids.push_back(old.id.value);
    }
    params.add_int4s(ids);
    return fmt::format(
        "(o.shape_id = ANY (ARRAY(SELECT s.shape_id FROM public.shapes s WHERE s.attrs && {0})) OR "
        "o.attrs && {0})",
        params.placeholder());
}

}  // namespace atlas::storage
