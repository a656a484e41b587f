// SPDX-License-Identifier: Apache-2.0
//
// Brings a database to the schema of this program: numbered migrations once each, then the
// idempotent objects (functions, views, grants) whenever their text has changed.
//
//     sql/migrations/NNNN_name.sql, sql/objects/*.sql → [Migrator] → database
//
// Each migration is one transaction; all objects together are one. Two programs that start at once
// take turns (advisory lock). A database that is newer than the program is refused and not changed.
//
// Lifetime   borrows the connection. up() switches its statement_timeout off, and sets its
//            lock_timeout to a minute and its search_path to public.
// Threading  one thread. up() blocks for as long as the migrations take.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql_text.h"
#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::schema {

struct Migration {
    int version = 0;
    std::string name;      // "0001_tables"
    std::string checksum;  // SHA-256 of the file, hexadecimal
    SqlText sql;
    std::string applied_at;  // empty: not applied
};

struct MigrationStatus {
    std::vector<Migration> migrations;  // all that the program knows, ascending
    int database_version = 0;           // 0: nothing applied
    int program_version = 0;
    bool objects_current = false;
    std::string objects_program;  // the version of the program that wrote the objects

    bool newer_than_program() const { return database_version > program_version; }
    bool current() const { return database_version == program_version && objects_current; }
};

struct MigrateOptions {
    // Hash partitions of the current state, fixed when the database is created. Unset: the
    // default of the function that makes them.
    std::optional<int> hot_partitions;
};

class Migrator {
public:
    explicit Migrator(pg::Connection& connection, MigrateOptions options = {})
        : connection_(connection), options_(options) {}

    // Applies what is missing and returns the names of what was applied ("objects" for those).
    // ErrorKind::other with the reason for a newer database or a migration whose text has changed;
    // else as a statement failed, with the file as its name. What was applied before stays, and the
    // next call continues after it.
    pg::Expected<std::vector<std::string>> up();

    // Reads only; works on an empty database. Fails as up() does.
    pg::Expected<MigrationStatus> status();

private:
    pg::Expected<void> apply(const Migration& migration);
    pg::Expected<void> apply_objects();
    pg::Expected<std::vector<std::string>> apply_missing();

    pg::Connection& connection_;
    MigrateOptions options_;
};

}  // namespace atlas::schema
