// SPDX-License-Identifier: Apache-2.0
//
// A tenant: a customer, and the boundary of isolation.
//
// Threading  plain data; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace atlas::model {

struct Tenant {
    TenantId id;
    std::string name;
    Time created_at;
    bool active = true;
};

inline constexpr std::size_t kMaxTenantNameBytes = 255;

// nullptr when the name is 1-255 bytes of UTF-8 without control characters, else what is wrong.
const char* tenant_name_fault(std::string_view name);

}  // namespace atlas::model
