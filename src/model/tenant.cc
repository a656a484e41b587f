// SPDX-License-Identifier: Apache-2.0
#include "model/tenant.h"

#include <simdjson.h>

#include <algorithm>

namespace atlas::model {

const char* tenant_name_fault(std::string_view name) {
    if (name.empty()) return "a tenant's name must not be empty";
    if (name.size() > kMaxTenantNameBytes) return "a tenant's name must have at most 255 bytes";
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    if (std::ranges::any_of(name, is_control))
        return "a tenant's name must not contain control characters";
    if (!simdjson::validate_utf8(name.data(), name.size())) return "a tenant's name must be UTF-8";
    return nullptr;
}

}  // namespace atlas::model
