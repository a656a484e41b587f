// SPDX-License-Identifier: Apache-2.0
//
// The file of a store: opened, made, checked, set aside.
//
//     path → [StoreFile] → Database with tables and views
//
// A file that is damaged, or whose tables are of another version, is set aside beside its path
// (one such file is kept), and a new, empty one is made: the loader fills it from PostgreSQL.
//
// Lifetime   a StoreFile holds its database open; connections keep it open longer.
// Errors     unavailable: another process has the file open, or the folder cannot be written.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "analytics/duckdb/connection.h"

namespace atlas::analytics::duckdb {

struct StoreFile {
    Database database;
    Connection writer;
    // Why an older file was set aside; empty: it was not, or there was none.
    std::string replaced;
};

// Opens the file, or makes it with its folder. `path` empty: in memory.
StoreExpected<StoreFile> open_store_file(const std::filesystem::path& path,
                                         const DatabaseOptions& options);

// Renames the file and its log; the next open makes a new one. The name that it has now.
StoreExpected<std::filesystem::path> set_aside(const std::filesystem::path& path);

// The bytes on disk of the file and its log.
std::uint64_t storage_bytes(const std::filesystem::path& path);

}  // namespace atlas::analytics::duckdb
