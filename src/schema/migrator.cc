// SPDX-License-Identifier: Apache-2.0
#include "schema/migrator.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "assets/sql.h"
#include "base/version.h"
#include "pg/connection.h"
#include "pg/transaction.h"

namespace atlas::schema {
namespace {

// Migrations may take long; waiting for the lock of another session is bounded.
constexpr std::string_view kSettings =
    "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
    "SET lock_timeout = '60s'; SET client_min_messages = warning; SET search_path = public";

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

// "migrations/0001_tables.sql" → version 1, name "0001_tables".
Migration from_file(std::string_view path) {
    Migration migration;
    std::string_view name = path.substr(path.rfind('/') + 1);
    name = name.substr(0, name.rfind('.'));
    std::from_chars(name.data(), name.data() + name.size(), migration.version);
    migration.name = name;
    migration.sql = sql::text(path);
    migration.checksum = sha256_hex(migration.sql);
    return migration;
}

std::vector<Migration> known_migrations() {
    std::vector<Migration> migrations;
    for (const auto path : sql::list("migrations/")) migrations.push_back(from_file(path));
    std::ranges::sort(migrations, {}, &Migration::version);
    return migrations;
}

std::string objects_checksum() {
    std::string all;
    for (const auto path : sql::list("objects/")) {
        all += path;
        all += '\0';
        all += sql::text(path);
    }
    return sha256_hex(all);
}

// "0.10.2" as numbers, so that 0.10 is newer than 0.9.
std::array<int, 3> version_numbers(std::string_view text) {
    std::array<int, 3> numbers{};
    const char* at = text.data();
    const char* const end = at + text.size();
    for (int& number : numbers) {
        at = std::from_chars(at, end, number).ptr;
        if (at != end) ++at;
    }
    return numbers;
}

pg::Error refusal(std::string message) {
    return {.message = std::move(message)};
}

// Commits what `steps` did, or rolls back.
template <class Steps>
pg::Expected<void> in_transaction(pg::Connection& connection, Steps steps) {
    auto transaction = pg::Transaction::begin(connection);
    if (!transaction) return failure(transaction.error());
    if (pg::Expected<void> done = steps(); !done) return done;
    return transaction->commit();
}

pg::Expected<void> check_unchanged(const Migration& migration, std::string_view applied_checksum) {
    if (applied_checksum == migration.checksum) return {};
    return failure(refusal(
        fmt::format("migration {} was changed after it had been applied to this database; use the "
                    "program that applied it, or a new database",
                    migration.name)));
}

}  // namespace

pg::Expected<MigrationStatus> Migrator::status() {
    MigrationStatus status;
    status.migrations = known_migrations();
    if (!status.migrations.empty()) status.program_version = status.migrations.back().version;
    const auto exists = connection_.exec(sql::text("queries/schema/find_bookkeeping.sql"));
    if (!exists) return failure(exists.error());
    if (!exists->boolean(0, 0)) return status;

    const auto applied = connection_.exec(sql::text("queries/schema/list_migrations.sql"));
    if (!applied) return failure(applied.error());
    for (int row = 0; row < applied->size(); ++row) {
        status.database_version = static_cast<int>(applied->int8(row, 0));
        const auto found =
            std::ranges::find(status.migrations, status.database_version, &Migration::version);
        if (found == status.migrations.end()) continue;
        if (auto same = check_unchanged(*found, applied->text(row, 1)); !same) {
            return failure(same.error());
        }
        found->applied_at = applied->text(row, 2);
    }
    const auto objects = connection_.exec(sql::text("queries/schema/find_objects.sql"));
    if (!objects) return failure(objects.error());
    if (!objects->empty()) {
        status.objects_current = objects->text(0, 0) == objects_checksum();
        status.objects_program = objects->text(0, 1);
    }
    return status;
}

pg::Expected<void> Migrator::apply(const Migration& migration) {
    return in_transaction(connection_, [&]() -> pg::Expected<void> {
        if (auto ran = connection_.exec_script(migration.sql); !ran) return failure(ran.error());
        pg::Params params;
        params.add(std::int64_t{migration.version});
        params.add(std::string_view(migration.name)).add(std::string_view(migration.checksum));
        const auto noted = connection_.exec(sql::text("queries/schema/add_migration.sql"), params);
        if (!noted) return failure(noted.error());
        return {};
    });
}

pg::Expected<void> Migrator::apply_objects() {
    return in_transaction(connection_, [&]() -> pg::Expected<void> {
        for (const auto path : sql::list("objects/")) {
            if (auto ran = connection_.exec_script(sql::text(path)); !ran) {
                return failure(ran.error());
            }
        }
        pg::Params params;
        const std::string checksum = objects_checksum();
        params.add(std::string_view(checksum)).add(version());
        const auto noted = connection_.exec(sql::text("queries/schema/set_objects.sql"), params);
        if (!noted) return failure(noted.error());
        return {};
    });
}

pg::Expected<std::vector<std::string>> Migrator::apply_missing() {
    const auto before = status();
    if (!before) return failure(before.error());
    if (before->newer_than_program()) {
        return failure(refusal(fmt::format(
            "the database is at schema version {}, this program knows versions up to {}; use a "
            "newer program",
            before->database_version, before->program_version)));
    }
    std::vector<std::string> applied;
    for (const Migration& migration : before->migrations) {
        if (!migration.applied_at.empty()) continue;
        if (auto done = apply(migration); !done) return failure(done.error());
        applied.push_back(migration.name);
    }
    // In a rolling upgrade the older program leaves the newer one's functions alone.
    const bool newer_objects =
        version_numbers(before->objects_program) > version_numbers(version());
    if (applied.empty() && (before->objects_current || newer_objects)) return applied;
    if (auto done = apply_objects(); !done) return failure(done.error());
    applied.emplace_back("objects");
    return applied;
}

pg::Expected<std::vector<std::string>> Migrator::up() {
    const std::string parameters = fmt::format(
        "SET atlas.hot_partitions = '{}'",
        options_.hot_partitions ? std::to_string(*options_.hot_partitions) : std::string());
    for (const SqlText& step :
         {SqlText(kSettings), SqlText(parameters), sql::text("queries/schema/lock.sql"),
          sql::text("queries/schema/create_bookkeeping.sql")}) {
        if (auto done = connection_.exec_script(step); !done) return failure(done.error());
    }
    auto applied = apply_missing();
    if (connection_.usable())
        static_cast<void>(connection_.exec(sql::text("queries/schema/unlock.sql")));
    return applied;
}

}  // namespace atlas::schema
