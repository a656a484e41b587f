// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/limits.h"

#include <algorithm>

namespace atlas::ingest {

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

const char* entity_fault(std::string_view external_id) {
    if (external_id.empty()) return "entity must not be empty";
    if (external_id.size() > kMaxEntityBytes) return "entity is longer than 1024 bytes";
    if (has_control_character(external_id)) return "entity contains a control character";
    return nullptr;
}

const char* attribute_name_fault(std::string_view name) {
    if (name.empty()) return "an attribute name must not be empty";
    if (name.size() > kMaxNameBytes) return "the attribute name is longer than 255 bytes";
    if (has_control_character(name)) return "the attribute name contains a control character";
    return nullptr;
}

const char* category_fault(std::string_view category) {
    if (category.empty()) return "category must not be empty; null takes it back to uncategorized";
    if (category.size() > kMaxNameBytes) return "category exceeds 255 bytes";
    if (has_control_character(category)) return "category contains a control character";
    return nullptr;
}

}  // namespace atlas::ingest
