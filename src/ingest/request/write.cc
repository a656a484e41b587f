// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/write.h"

namespace atlas::ingest {

std::string_view to_string(ItemCode code) {
    switch (code) {
        case ItemCode::invalid_json: return "invalid_json";
        case ItemCode::invalid_line: return "invalid_line";
        case ItemCode::unknown_field: return "unknown_field";
        case ItemCode::missing_entity: return "missing_entity";
        case ItemCode::invalid_entity: return "invalid_entity";
        case ItemCode::invalid_attribute_name: return "invalid_attribute_name";
        case ItemCode::invalid_time: return "invalid_time";
        case ItemCode::time_out_of_range: return "time_out_of_range";
        case ItemCode::wrong_type: return "wrong_type";
        case ItemCode::not_representable: return "not_representable";
        case ItemCode::value_too_large: return "value_too_large";
        case ItemCode::entity_deleted: return "entity_deleted";
        case ItemCode::attribute_limit: return "attribute_limit";
        case ItemCode::entity_limit: return "entity_limit";
        case ItemCode::schema_violation: return "schema_violation";
    }
    return "unknown";
}

}  // namespace atlas::ingest
