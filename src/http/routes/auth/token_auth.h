// SPDX-License-Identifier: Apache-2.0
//
// The production Authenticator: tokens in the database, or, with auth off, any client on this
// machine.
//
//     Credentials → [TokenAuth] → api_tokens, tenants
//
// Positive verdicts are cached for 5 s and renewed in the background before that, so that requests
// in a row never wait for them, and a revoked token or a disabled tenant is noticed within that
// time. While the database does not respond they stay valid for five minutes: nothing can be read
// or written then, but requests get 503 rather than 401, and the status can be read.
//
// Lifetime   pool and clock outlive it.
// Threading  any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "http/server/auth.h"
#include "http/server/workers.h"
#include "pg/pool.h"

namespace atlas::http {

class TokenAuth final : public Authenticator {
public:
    TokenAuth(pg::Pool& pool, AuthMode mode, const Clock& clock);

    std::optional<Response> check_site(const Credentials& credentials) const override;
    std::optional<AuthResult> cached(const Credentials& credentials) override;
    AuthResult verify(const Credentials& credentials) override;

    static constexpr std::chrono::seconds kFresh{5};
    static constexpr std::chrono::seconds kRenew{2};  // older ones are renewed
    static constexpr std::chrono::milliseconds kPatience{
        150};  // with a database that does not respond
    static constexpr std::chrono::seconds kStale{300};
    static constexpr std::size_t kMaxEntries = 16384;

private:
    struct Entry {
        Principal principal;
        Clock::Steady verified;
        std::optional<Time> expires_at;
        std::optional<Clock::Steady> renewed_since = std::nullopt;  // that is under way
    };
    // What the verdict depends on: a token's hash or a tenant's name.
    std::string key_of(const Credentials& credentials) const;
    bool uses_token(const Credentials& credentials) const;
    // The verdict, unless X-Atlas-Tenant names another tenant than that of the token.
    AuthResult within_tenant(const Credentials& credentials, AuthResult verdict) const;
    AuthResult verify_key(const std::string& key);
    std::optional<Principal> recall(const std::string& key, std::chrono::seconds age);
    // Verifies a cached verdict again in the background, unless that is under way.
    void renew(const std::string& key);
    // Whether that takes so long that an old verdict has to do.
    bool renewal_is_late(const std::string& key);
    // Waits for that; the verdict as it is then, even an old one.
    std::optional<Principal> recall_renewed(const std::string& key);
    AuthResult verify_now(const std::string& key);
    void remember(const std::string& key, const Principal& principal,
                  std::optional<Time> expires_at);
    AuthResult verify_token(pg::Connection& connection, const std::string& key);
    AuthResult verify_tenant(pg::Connection& connection, const std::string& key);
    AuthResult unverified(const std::string& key, const pg::Error& error);

    pg::Pool& pool_;
    const AuthMode mode_;
    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable renewed_;
    std::unordered_map<std::string, Entry> entries_;
    Workers renewer_{1, 1024};  // last: its jobs use all the others
};

}  // namespace atlas::http
