// SPDX-License-Identifier: Apache-2.0
//
// An API token without its secret, which only the response to its creation holds.
//
// Threading  plain data; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace atlas::model {

struct Token {
    std::int64_t id = 0;
    std::string name;
    std::vector<std::string> scopes;  // of read, write, admin
    Time created_at;
    std::optional<Time> expires_at;
};

// Whose a token is, and what it may do.
struct TokenOwner {
    TenantId tenant;
    std::string tenant_name;
    bool tenant_active = true;
    std::vector<std::string> scopes;
    std::optional<Time> expires_at;
};

}  // namespace atlas::model
