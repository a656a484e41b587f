// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/error.h"

#include <array>
#include <string_view>
#include <utility>

namespace atlas::analytics::duckdb {

namespace {

using Kind = StoreError::Kind;

bool has(std::string_view message, std::string_view words) {
    return message.find(words) != std::string_view::npos;
}

bool is_damage(std::string_view message) {
    for (const std::string_view words :
         {"not a valid DuckDB database file", "checksum", "corrupt", "Failed to load metadata",
          "Failure while replaying WAL", "version number", "newer version of DuckDB",
          "Could not read enough bytes from file"}) {
        if (has(message, words)) return true;
    }
    return false;
}

Kind kind_of(duckdb_error_type type, std::string_view message) {
    switch (type) {
        case DUCKDB_ERROR_INTERRUPT: return Kind::cancelled;
        case DUCKDB_ERROR_OUT_OF_MEMORY: return Kind::limit_memory;
        case DUCKDB_ERROR_SERIALIZATION: return Kind::damaged;
        case DUCKDB_ERROR_FATAL:
        case DUCKDB_ERROR_IO:
        case DUCKDB_ERROR_CONNECTION:
        case DUCKDB_ERROR_NETWORK:
        case DUCKDB_ERROR_TRANSACTION:
            return is_damage(message) ? Kind::damaged : Kind::unavailable;
        case DUCKDB_ERROR_INTERNAL:
        case DUCKDB_ERROR_NULL_POINTER:
        case DUCKDB_ERROR_INVALID: return is_damage(message) ? Kind::damaged : Kind::internal;
        default: return Kind::invalid;
    }
}

constexpr std::array<std::pair<std::string_view, duckdb_error_type>, 8> kClasses{{
    {"INTERRUPT Error", DUCKDB_ERROR_INTERRUPT},
    {"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY},
    {"FATAL Error", DUCKDB_ERROR_FATAL},
    {"Serialization Error", DUCKDB_ERROR_SERIALIZATION},
    {"IO Error", DUCKDB_ERROR_IO},
    {"TransactionContext Error", DUCKDB_ERROR_TRANSACTION},
    {"INTERNAL Error", DUCKDB_ERROR_INTERNAL},
    {"Catalog Error", DUCKDB_ERROR_CATALOG},
}};

}  // namespace

StoreError make_error(duckdb_error_type type, std::string message) {
    const Kind kind = kind_of(type, message);
    return {.kind = kind, .message = std::move(message)};
}

bool wants_reopening(const StoreError& error) {
    return has(error.message, "database has been invalidated") || has(error.message, "FATAL Error");
}

StoreError make_error(std::string message) {
    for (const auto& [words, type] : kClasses) {
        if (message.starts_with(words)) return make_error(type, std::move(message));
    }
    return make_error(DUCKDB_ERROR_BINDER, std::move(message));
}

StoreError make_open_error(std::string message) {
    const bool damaged = is_damage(message);
    StoreError error = make_error(std::move(message));
    if (damaged) error.kind = Kind::damaged;
    return error;
}

}  // namespace atlas::analytics::duckdb
