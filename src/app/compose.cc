// SPDX-License-Identifier: Apache-2.0
#include "app/compose.h"

#include <algorithm>

#include "app/jobs.h"
#include "app/settings.h"

namespace atlas::app {

namespace {

Roles in_force(Roles roles, const config::Config& config) {
    if (!config.jobs()) std::erase(roles, kJobsRole);
    if (!roles.empty()) return roles;
    throw ConfigError(
        "nothing to run: roles = \"jobs\" and jobs.enabled = false; add a role or leave "
        "jobs.enabled "
        "at true");
}

}  // namespace

Roles serve_roles(const config::Config& config) {
    return in_force(config.roles(), config);
}

Roles up_roles(const config::Config& config) {
    return in_force(config.roles.choices(), config);
}

bool has_role(const Roles& roles, std::string_view role) {
    return std::ranges::find(roles, role) != roles.end();
}

Gateway* add_roles(Services& services, const Roles& roles, const GatewayOptions& options,
                   const ProcessContext& process) {
    if (has_role(roles, kJobsRole)) {
        services.add(std::make_unique<Jobs>(
            options.owner_conninfo.empty() ? options.conninfo : options.owner_conninfo, process));
    }
    if (!has_role(roles, kGatewayRole)) return nullptr;
    auto gateway = std::make_unique<Gateway>(options, process, services);
    Gateway* const added = gateway.get();
    services.add(std::move(gateway));
    return added;
}

}  // namespace atlas::app
