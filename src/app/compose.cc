// SPDX-License-Identifier: Apache-2.0
#include "app/compose.h"

#include <algorithm>

#include "app/analytics.h"
#include "app/change_stream.h"
#include "app/index.h"
#include "app/jobs.h"
#include "app/settings.h"

namespace atlas::app {

namespace {

Roles in_force(Roles roles, const config::Config& config) {
    if (!config.jobs()) std::erase(roles, kJobsRole);
    if (!config.analytics()) std::erase(roles, kAnalyticsRole);
    if (!config.index()) std::erase(roles, kIndexRole);
    if (roles.empty()) {
        throw ConfigError(
            "nothing to run: jobs.enabled, analytics.enabled and index.enabled leave none of the "
            "roles; add a role or leave them at true");
    }
    if (has_role(roles, kIndexRole) && !has_role(roles, kGatewayRole)) {
        throw ConfigError(
            "the role index serves the gateway of its own process; add gateway to `roles`, or "
            "leave index out");
    }
    return roles;
}

// The store starts before the stream that fills it, and stops after it. nullptr: there is none.
Analytics* add_followers(Services& services, const Roles& roles, const std::string& conninfo,
                         const std::filesystem::path& folder, const ProcessContext& process) {
    std::vector<StreamFollower> followers;
    Analytics* added = nullptr;
    if (has_role(roles, kAnalyticsRole)) {
        auto analytics = std::make_unique<Analytics>(conninfo, folder, process);
        added = analytics.get();
        followers.push_back(added->follower());
        services.add(std::move(analytics));
    }
    if (followers.empty() && !has_role(roles, kStreamRole)) return nullptr;
    auto stream = std::make_unique<ChangeStream>(conninfo, std::move(followers), process);
    if (added != nullptr) added->follow(*stream);
    services.add(std::move(stream));
    return added;
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

bool listens(const Roles& roles) {
    return has_role(roles, kGatewayRole) || has_role(roles, kAnalyticsRole);
}

Gateway* add_roles(Services& services, const Roles& roles, const GatewayOptions& options,
                   const ProcessContext& process) {
    const std::string& owner =
        options.owner_conninfo.empty() ? options.conninfo : options.owner_conninfo;
    if (has_role(roles, kJobsRole)) services.add(std::make_unique<Jobs>(owner, process));
    Analytics* const analytics = add_followers(services, roles, owner, options.analytics, process);
    if (!listens(roles)) return nullptr;
    GatewayOptions own = options;
    own.analytics_only = !has_role(roles, kGatewayRole);
    Index* index = nullptr;
    if (has_role(roles, kIndexRole)) {
        auto added = std::make_unique<Index>(owner, process);
        index = added.get();
        services.add(std::move(added));
    }
    auto gateway = std::make_unique<Gateway>(std::move(own), process, services, analytics, index);
    Gateway* const added = gateway.get();
    services.add(std::move(gateway));
    return added;
}

}  // namespace atlas::app
