// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/store_file.h"

#include <fmt/format.h>

#include "analytics/duckdb/convert.h"
#include "analytics/duckdb/exact_sum.h"
#include "analytics/duckdb/statements.h"

namespace atlas::analytics::duckdb {

namespace fs = std::filesystem;

namespace {

// Of sql/analytics/duckdb/tables.sql.
constexpr std::int64_t kTablesVersion = 2;

fs::path log_of(const fs::path& path) {
    return path.string() + ".wal";
}

StoreError other_version(std::string message) {
    return {.kind = StoreError::Kind::damaged, .message = std::move(message)};
}

// What makes a database a store: its tables, if they are new or of this version.
StoreExpected<void> make_tables(Connection& writer) {
    auto tables = writer.query(statement("count_tables"));
    if (!tables) return failure(tables.error());
    auto count = tables->one_integer();
    if (!count) return failure(count.error());
    if (count->value_or(0) == 0) {
        return in_transaction(writer, [&] {
            return writer.execute(statement("tables")).and_then([&] {
                return run(writer, "first_position", {kTablesVersion});
            });
        });
    }
    auto rows = writer.query(statement("version"));
    if (!rows) return failure(other_version("it has no version: " + rows.error().message));
    auto version = rows->one_integer();
    if (!version) return failure(version.error());
    if (*version != kTablesVersion) {
        return failure(other_version(fmt::format("its tables are of version {}, not {}",
                                                 version->value_or(0), kTablesVersion)));
    }
    return {};
}

StoreExpected<StoreFile> open_once(const fs::path& path, const DatabaseOptions& options) {
    auto database = Database::open(path.string(), options);
    if (!database) return failure(database.error());
    auto writer = database->connect();
    if (!writer) return failure(writer.error());
    auto ready = register_conversions(*writer)
                     .and_then([&] { return register_exact_sum(*writer); })
                     .and_then([&] { return make_tables(*writer); })
                     .and_then([&] { return writer->execute(statement("views")); })
                     .and_then([&] { return writer->execute(statement("staging")); });
    if (!ready) return failure(ready.error());
    return StoreFile{
        .database = *std::move(database), .writer = *std::move(writer), .replaced = {}};
}

StoreError unavailable(std::string_view what, const fs::path& path, const std::error_code& error) {
    return {.kind = StoreError::Kind::unavailable,
            .message = fmt::format("{} {}: {}", what, path.string(), error.message())};
}

}  // namespace

StoreExpected<StoreFile> open_store_file(const fs::path& path, const DatabaseOptions& options) {
    if (path.empty()) return open_once(path, options);
    std::error_code error;
    // What is stored is every tenant's: nobody else may read it.
    if (fs::create_directories(path.parent_path(), error)) {
        fs::permissions(path.parent_path(), fs::perms::owner_all, error);
    }
    if (error) return failure(unavailable("cannot create", path.parent_path(), error));
    auto file = open_once(path, options);
    if (file || file.error().kind != StoreError::Kind::damaged) return file;
    auto aside = set_aside(path);
    if (!aside) return failure(aside.error());
    auto fresh = open_once(path, options);
    if (fresh) {
        fresh->replaced =
            fmt::format("{} (kept as {})", file.error().message, aside->filename().string());
    }
    return fresh;
}

StoreExpected<fs::path> set_aside(const fs::path& path) {
    fs::path aside = path.string() + ".damaged";
    std::error_code error;
    fs::remove(log_of(aside), error);
    fs::rename(path, aside, error);
    if (error && error != std::errc::no_such_file_or_directory) {
        return failure(unavailable("cannot rename", path, error));
    }
    fs::rename(log_of(path), log_of(aside), error);
    if (error && error != std::errc::no_such_file_or_directory) {
        return failure(unavailable("cannot rename", log_of(path), error));
    }
    return aside;
}

std::uint64_t storage_bytes(const fs::path& path) {
    std::uint64_t bytes = 0;
    for (const fs::path& file : {path, log_of(path)}) {
        std::error_code error;
        const std::uintmax_t size = fs::file_size(file, error);
        if (!error) bytes += size;
    }
    return bytes;
}

}  // namespace atlas::analytics::duckdb
