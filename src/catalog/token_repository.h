// SPDX-License-Identifier: Apache-2.0
//
// API tokens: created, listed, revoked, and looked up for each request that brings one.
//
//     /v1/tokens, `atlas tokens` with --database; http/routes/auth → [these] → api_tokens
//
// A token is "atlas_" and 43 letters and digits, 256 random bits. Only its SHA-256 is stored; the
// secret is in the response that creates it and nowhere else.
//
// Lifetime   functions without state; results own what they hold.
// Threading  any thread with a connection of its own. Every call but the first two blocks on it:
//            one round trip, at most statement_timeout.
// Errors     pg::Error as the statement failed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/token.h"
#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

inline constexpr std::string_view kTokenPrefix = "atlas_";

// A new secret from the system's source of randomness; throws std::runtime_error without one.
std::string make_token_secret();
// The SHA-256 of a secret, 32 bytes.
std::string token_hash(std::string_view secret);

struct NewToken {
    model::Token token;
    std::string secret;
};

// Creates a token. `scopes` has at least one, each read, write or admin; the tenant exists. Not
// idempotent: after an unknown outcome there may be a token whose secret is lost; revoke it.
pg::Expected<NewToken> create_token(pg::Connection& connection, TenantId tenant,
                                    std::string_view name, const std::vector<std::string>& scopes,
                                    std::optional<Time> expires_at);
// At most `limit` tokens with ids above `after`, by id; without those that are revoked.
pg::Expected<std::vector<model::Token>> list_tokens(pg::Connection& connection, TenantId tenant,
                                                    std::int64_t after, int limit);
// False when the tenant has no such token, or it is revoked already. Gateways notice within 5 s.
pg::Expected<bool> revoke_token(pg::Connection& connection, TenantId tenant, std::int64_t id);

// nullopt for a token that is unknown, revoked or expired.
pg::Expected<std::optional<model::TokenOwner>> find_token(pg::Connection& connection,
                                                          std::string_view hash);

}  // namespace atlas::catalog
