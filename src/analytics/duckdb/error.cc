// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/error.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace atlas::analytics::duckdb {

namespace {

using Kind = StoreError::Kind;

bool has(std::string_view message, std::string_view words) {
    return message.find(words) != std::string_view::npos;
}

// What the file cannot be blamed for.
bool is_full_disk(std::string_view message) {
    return has(message, "No space left on device") || has(message, "Disk quota exceeded") ||
           has(message, "File too large");
}

bool is_refused(std::string_view message) {
    return has(message, "Permission denied") || has(message, "Read-only file system") ||
           has(message, "Operation not permitted");
}

bool is_damage(std::string_view message) {
    // A log that cannot be replayed for want of room is as good as before.
    if (is_full_disk(message) || is_refused(message)) return false;
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

std::string advice(std::string_view message, const std::filesystem::path& path) {
    const std::string folder = path.parent_path().string();
    if (is_full_disk(message))
        return fmt::format("the disk of {} is full; make room there", folder);
    if (has(message, "lock on file")) {
        return fmt::format(
            "another process has {} open; end it, or name another folder with analytics.folder",
            path.string());
    }
    if (is_refused(message)) {
        return fmt::format(
            "this user may not write to {}; change that, or name another folder with "
            "analytics.folder",
            folder);
    }
    return fmt::format("{} cannot be used; see why, or name another folder with analytics.folder",
                       folder);
}

}  // namespace

StoreError explained(StoreError error, const std::filesystem::path& path) {
    if (error.kind != Kind::unavailable || path.empty()) return error;
    std::string_view words = error.message;
    words = words.substr(0, words.find('\n'));
    error.message = fmt::format("{} ({})", advice(error.message, path), words);
    return error;
}

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
