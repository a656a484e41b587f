// SPDX-License-Identifier: Apache-2.0
//
// Who sends a request: what its headers claim, and the interface of what verifies the claim.
//
//     headers → Credentials → [Authenticator] → Principal, or the response that refuses
//
// Threading  an Authenticator takes calls from any thread; the functions are pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "http/server/handler.h"

namespace atlas::http {

// A set of scopes; `admin` includes the others.
class Scopes {
public:
    constexpr Scopes() = default;
    constexpr explicit Scopes(Scope scope) { add(scope); }
    constexpr void add(Scope scope) { bits_ |= 1U << static_cast<unsigned>(scope); }
    constexpr bool allow(Scope scope) const {
        return scope == Scope::none || has(scope) || has(Scope::admin);
    }
    constexpr bool has(Scope scope) const {
        return (bits_ >> static_cast<unsigned>(scope) & 1U) != 0;
    }
    constexpr bool empty() const { return bits_ == 0; }
    bool operator==(const Scopes&) const = default;

private:
    unsigned bits_ = 0;
};

std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view word);  // read, write, admin

struct Credentials {
    std::string secret;       // of Authorization, whatever its scheme; empty: none
    std::string tenant_name;  // X-Atlas-Tenant; empty: none
    std::string host;         // Host, or the authority of an absolute target
    std::string origin;       // empty: none
};

// The secret in an Authorization header: "Bearer x", "Token x", or the password of "Basic …".
// Empty for anything else.
std::string parse_authorization(std::string_view header);

// The same for a route that clients of InfluxDB use: also "Token user:x", which 2.x clients send to
// a 1.x server, and the parameters u and p of 1.x clients, where the header has none. Takes u and p
// out of `query`, so that nothing after it can show them.
std::string parse_influx_credentials(std::string_view header,
                                     std::vector<std::pair<std::string, std::string>>& query);

// Whether a Host header names this machine: localhost, *.localhost, 127.0.0.0/8 or ::1, with
// or without a port.
bool is_loopback_host(std::string_view host);

// Whether an Origin header is the site that the Host header names.
bool is_same_origin(std::string_view origin, std::string_view host);

struct Principal {
    TenantId tenant;
    std::string tenant_name;
    Scopes scopes;
    bool by_name = false;  // the client chose the tenant by its name
};

enum class AuthMode : std::uint8_t {
    on,
    off,  // every scope; only where the listener is on a loopback address
};

using AuthResult = Result<Principal, Response>;  // the refusal, ready to send

class Authenticator {
public:
    virtual ~Authenticator() = default;
    // Called for every request, also where no credentials are needed; a refusal, or nullopt.
    virtual std::optional<Response> check_site(const Credentials& credentials) const = 0;
    // The verdict where it is known without blocking.
    virtual std::optional<AuthResult> cached(const Credentials& credentials) = 0;
    // The verdict; may block on the database.
    virtual AuthResult verify(const Credentials& credentials) = 0;
};

}  // namespace atlas::http
