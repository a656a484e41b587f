// SPDX-License-Identifier: Apache-2.0
//
// Which services make up a process: the one place that knows every role.
//
//     roles of the configuration → [add_roles] → Services
//
// Threading  the thread that starts the process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/gateway.h"
#include "app/services.h"

namespace atlas::app {

using Roles = std::vector<std::string>;

// The roles of `atlas serve`, and of `atlas up`, which runs all that exist. Without jobs.enabled
// neither includes the role jobs, without analytics.enabled not the role analytics, without
// index.enabled not the role index. Throws ConfigError when none is left, and for the role index
// without a gateway.
Roles serve_roles(const config::Config& config);
Roles up_roles(const config::Config& config);

bool has_role(const Roles& roles, std::string_view role);

// Whether a process of these roles serves HTTP: as a gateway, or for gateways.
bool listens(const Roles& roles);

// Adds the services of `roles` in the order in which they start: the gateway last, because the
// others supply what it serves. Returns what serves HTTP, which `services` owns, or nullptr where
// nothing does.
Gateway* add_roles(Services& services, const Roles& roles, const GatewayOptions& options,
                   const ProcessContext& process);

}  // namespace atlas::app
