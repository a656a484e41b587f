// SPDX-License-Identifier: Apache-2.0
#include "http/routes/auth/token_auth.h"

#include <fmt/format.h>

#include "catalog/tenant_repository.h"
#include "catalog/token_repository.h"
#include "http/routes/database_problem.h"

namespace atlas::http {
namespace {

constexpr std::string_view kDefaultName = "default";
const std::string kTokenKey = "token ";
const std::string kTenantKey = "tenant ";

Response unauthorized(std::string_view code, std::string_view detail) {
    Response response = problem(code, 401, "Unauthorized", detail);
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

Response invalid_token() {
    return unauthorized("invalid_token", "The token is unknown, expired or revoked.");
}

Response inactive() {
    return problem(
        "tenant_inactive", 403, "Tenant inactive",
        "This tenant is inactive: reads and writes are refused until it is active again.");
}

Scopes scopes_of(const std::vector<std::string>& words) {
    Scopes scopes;
    for (const auto& word : words) {
        if (const auto scope = parse_scope(word)) scopes.add(*scope);
    }
    return scopes;
}

}  // namespace

TokenAuth::TokenAuth(pg::Pool& pool, AuthMode mode, const Clock& clock)
    : pool_(pool), mode_(mode), clock_(clock) {
}

// Without tokens only the sender's place protects the data: a page from another site in the user's
// browser must get no response, neither directly nor under a name of its own (DNS rebinding).
std::optional<Response> TokenAuth::check_site(const Credentials& credentials) const {
    if (mode_ == AuthMode::on) return std::nullopt;
    const bool local = credentials.host.empty() || is_loopback_host(credentials.host);
    const bool same =
        credentials.origin.empty() || is_same_origin(credentials.origin, credentials.host);
    if (local && same) return std::nullopt;
    return problem("foreign_origin", 403, "Foreign origin",
                   "With auth = \"off\" only requests from this machine under a loopback name are "
                   "served; to serve others, set auth = \"token\" and create tokens.");
}

bool TokenAuth::uses_token(const Credentials& credentials) const {
    return mode_ == AuthMode::on || credentials.secret.starts_with(catalog::kTokenPrefix);
}

std::string TokenAuth::key_of(const Credentials& credentials) const {
    if (uses_token(credentials)) return kTokenKey + catalog::token_hash(credentials.secret);
    return kTenantKey +
           (credentials.tenant_name.empty() ? std::string(kDefaultName) : credentials.tenant_name);
}

std::optional<Principal> TokenAuth::recall(const std::string& key, std::chrono::seconds age) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || clock_.steady() - found->second.verified > age) {
        return std::nullopt;
    }
    if (found->second.expires_at && *found->second.expires_at <= clock_.system()) {
        return std::nullopt;
    }
    return found->second.principal;
}

void TokenAuth::remember(const std::string& key, const Principal& principal,
                         std::optional<Time> expires_at) {
    const std::scoped_lock lock(mutex_);
    if (entries_.size() >= kMaxEntries) {
        std::erase_if(entries_, [this](const auto& entry) {
            return clock_.steady() - entry.second.verified > kFresh;
        });
        if (entries_.size() >= kMaxEntries) entries_.clear();
    }
    entries_.insert_or_assign(key, Entry{principal, clock_.steady(), expires_at});
}

std::optional<AuthResult> TokenAuth::cached(const Credentials& credentials) {
    if (uses_token(credentials) && !credentials.secret.starts_with(catalog::kTokenPrefix)) {
        return failure(credentials.secret.empty()
                           ? unauthorized("missing_token",
                                          "A token is required: send Authorization: Bearer atlas_…")
                           : invalid_token());
    }
    if (!uses_token(credentials) && model::tenant_name_fault(credentials.tenant_name) != nullptr &&
        !credentials.tenant_name.empty()) {
        return failure(problem("tenant_not_found", 404, "Tenant not found",
                               "X-Atlas-Tenant is not a valid tenant name."));
    }
    const std::string key = key_of(credentials);
    auto principal = recall(key, kFresh);
    if (!recall(key, kRenew)) renew(key);
    if (!principal && renewal_is_late(key)) principal = recall(key, kFresh + kStale);
    if (!principal) return std::nullopt;
    return within_tenant(credentials, std::move(*principal));
}

AuthResult TokenAuth::verify(const Credentials& credentials) {
    return within_tenant(credentials, verify_key(key_of(credentials)));
}

AuthResult TokenAuth::within_tenant(const Credentials& credentials, AuthResult verdict) const {
    const std::string& asked = credentials.tenant_name;
    if (!verdict || asked.empty() || asked == verdict->tenant_name) return verdict;
    return failure(problem(
        "tenant_mismatch", 403, "Tenant mismatch",
        fmt::format("The token belongs to tenant {}, and X-Atlas-Tenant names another one. Leave "
                    "the header out, or use a token of the tenant that it names.",
                    verdict->tenant_name)));
}

AuthResult TokenAuth::verify_key(const std::string& key) {
    if (recall(key, kFresh + kStale)) {
        if (auto principal = recall_renewed(key)) return std::move(*principal);
    }
    return verify_now(key);
}

void TokenAuth::renew(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.renewed_since) return;
    const bool submitted = renewer_.submit([this, key] {
        const bool refused = !verify_now(key);
        const std::scoped_lock finished(mutex_);
        const auto renewed = entries_.find(key);
        if (renewed != entries_.end()) {
            renewed->second.renewed_since.reset();
            if (refused) entries_.erase(renewed);
        }
        renewed_.notify_all();
    });
    if (submitted) found->second.renewed_since = clock_.steady();
}

bool TokenAuth::renewal_is_late(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.renewed_since &&
           clock_.steady() - *found->second.renewed_since > kPatience;
}

std::optional<Principal> TokenAuth::recall_renewed(const std::string& key) {
    renew(key);
    {
        std::unique_lock lock(mutex_);
        clock_.wait_for(renewed_, lock, kPatience, [&] {
            const auto found = entries_.find(key);
            return found == entries_.end() || !found->second.renewed_since;
        });
    }
    return recall(key, kFresh + kStale);
}

AuthResult TokenAuth::verify_now(const std::string& key) {
    auto connection = pool_.acquire();
    if (!connection) return unverified(key, connection.error());
    return key.starts_with(kTokenKey) ? verify_token(**connection, key)
                                      : verify_tenant(**connection, key);
}

AuthResult TokenAuth::unverified(const std::string& key, const pg::Error& error) {
    if (error.kind != pg::ErrorKind::other) {
        if (auto principal = recall(key, kFresh + kStale)) return std::move(*principal);
        if (mode_ == AuthMode::off && key == kTenantKey + std::string(kDefaultName)) {
            return Principal{kDefaultTenant, std::string(kDefaultName), Scopes(Scope::admin), true};
        }
    }
    return failure(credentials_problem(error));
}

AuthResult TokenAuth::verify_token(pg::Connection& connection, const std::string& key) {
    auto owner = catalog::find_token(connection, key.substr(kTokenKey.size()));
    if (!owner) return unverified(key, owner.error());
    if (!*owner) return failure(invalid_token());
    if (!(*owner)->tenant_active) return failure(inactive());
    Principal principal{(*owner)->tenant, (*owner)->tenant_name, scopes_of((*owner)->scopes)};
    remember(key, principal, (*owner)->expires_at);
    return principal;
}

AuthResult TokenAuth::verify_tenant(pg::Connection& connection, const std::string& key) {
    const std::string name = key.substr(kTenantKey.size());
    const auto tenant = catalog::find_tenant(connection, name);
    if (!tenant) return unverified(key, tenant.error());
    if (!*tenant) {
        return failure(problem("tenant_not_found", 404, "Tenant not found",
                               fmt::format("There is no tenant named {}.", name)));
    }
    if (!(*tenant)->active) return failure(inactive());
    Principal principal{(*tenant)->id, name, Scopes(Scope::admin), true};
    remember(key, principal, std::nullopt);
    return principal;
}

}  // namespace atlas::http
