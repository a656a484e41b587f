// SPDX-License-Identifier: Apache-2.0
#include "catalog/token_repository.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

#include "assets/sql.h"
#include "pg/connection.h"

namespace atlas::catalog {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kSecretLetters = 43;  // 62^43 > 2^256

// The text form of a bytea.
std::string bytea_text(std::string_view bytes) {
    std::string out = "\\x";
    for (const char c : bytes) {
        fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto blank = text.find(' ');
        words.emplace_back(text.substr(0, blank));
        text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    }
    return words;
}

std::optional<Time> read_time(const pg::Rows& rows, int row, int column) {
    if (rows.is_null(row, column)) return std::nullopt;
    return time_from_micros(rows.int8(row, column));
}

}  // namespace

std::string make_token_secret() {
    std::string secret(kTokenPrefix);
    const std::size_t whole = kTokenPrefix.size() + kSecretLetters;
    while (secret.size() < whole) {
        std::array<unsigned char, 64> random{};
        if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
            throw std::runtime_error("the operating system supplied no random bytes");
        }
        // Bytes from 248 on would make some letters likelier than others.
        for (const unsigned char byte : random) {
            if (byte < 248 && secret.size() < whole) secret += kAlphabet[byte % 62];
        }
    }
    return secret;
}

std::string token_hash(std::string_view secret) {
    std::string hash(32, '\0');
    unsigned size = 0;
    if (EVP_Digest(secret.data(), secret.size(), reinterpret_cast<unsigned char*>(hash.data()),
                   &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    return hash;
}

pg::Expected<NewToken> create_token(pg::Connection& connection, TenantId tenant,
                                    std::string_view name, const std::vector<std::string>& scopes,
                                    std::optional<Time> expires_at) {
    NewToken made{.token = {.id = 0,
                            .name = std::string(name),
                            .scopes = scopes,
                            .created_at = {},
                            .expires_at = expires_at},
                  .secret = make_token_secret()};
    pg::Params params;
    params.add(tenant.value).add(name).add(bytea_text(token_hash(made.secret)));
    params.add_texts(std::vector<std::string_view>(scopes.begin(), scopes.end()));
    expires_at ? params.add(*expires_at) : params.add(nullptr);
    const auto rows = connection.exec(sql::text("queries/tokens/create.sql"), params);
    if (!rows) return failure(rows.error());
    made.token.id = rows->int8(0, 0);
    made.token.created_at = time_from_micros(rows->int8(0, 1));
    return made;
}

pg::Expected<std::vector<model::Token>> list_tokens(pg::Connection& connection, TenantId tenant,
                                                    std::int64_t after, int limit) {
    const auto rows =
        connection.exec(sql::text("queries/tokens/list.sql"),
                        pg::Params{}.add(tenant.value).add(after).add(std::int64_t{limit}));
    if (!rows) return failure(rows.error());
    std::vector<model::Token> tokens;
    tokens.reserve(static_cast<std::size_t>(rows->size()));
    for (int row = 0; row < rows->size(); ++row) {
        tokens.push_back({.id = rows->int8(row, 0),
                          .name = std::string(rows->text(row, 1)),
                          .scopes = split_words(rows->text(row, 2)),
                          .created_at = time_from_micros(rows->int8(row, 3)),
                          .expires_at = read_time(*rows, row, 4)});
    }
    return tokens;
}

pg::Expected<bool> revoke_token(pg::Connection& connection, TenantId tenant, std::int64_t id) {
    const auto rows = connection.exec(sql::text("queries/tokens/revoke.sql"),
                                      pg::Params{}.add(tenant.value).add(id));
    if (!rows) return failure(rows.error());
    return !rows->empty();
}

pg::Expected<std::optional<model::TokenOwner>> find_token(pg::Connection& connection,
                                                          std::string_view hash) {
    const auto rows =
        connection.exec(sql::text("queries/tokens/find.sql"), pg::Params{}.add(bytea_text(hash)));
    if (!rows) return failure(rows.error());
    if (rows->empty()) return std::nullopt;
    return model::TokenOwner{.tenant = TenantId{rows->int8(0, 0)},
                             .tenant_name = std::string(rows->text(0, 1)),
                             .tenant_active = rows->boolean(0, 2),
                             .scopes = split_words(rows->text(0, 3)),
                             .expires_at = read_time(*rows, 0, 4)};
}

}  // namespace atlas::catalog
