// SPDX-License-Identifier: Apache-2.0
#include "catalog/server_check.h"

#include <fmt/format.h>

#include "assets/sql.h"

namespace atlas::catalog {
namespace {

std::string warning_for(std::string_view setting) {
    std::string_view loss = "a crash of the machine can corrupt stored data";
    if (setting == "fsync") loss = "a crash of the machine can lose or corrupt acknowledged data";
    if (setting == "synchronous_commit") loss = "a crash of the server loses acknowledged data";
    return fmt::format("{0} = off on the database server: {1}; set {0} = on", setting, loss);
}

std::string text_or_empty(const pg::Rows& rows, int row, int column) {
    return rows.is_null(row, column) ? std::string() : std::string(rows.text(row, column));
}

}  // namespace

pg::Expected<std::vector<std::string>> weak_settings(pg::Connection& connection) {
    const auto rows = connection.exec(sql::text("queries/server/weak_settings.sql"));
    if (!rows) return failure(rows.error());
    std::vector<std::string> warnings;
    warnings.reserve(static_cast<std::size_t>(rows->size()));
    for (int row = 0; row < rows->size(); ++row) {
        warnings.push_back(warning_for(rows->text(row, 0)));
    }
    return warnings;
}

pg::Expected<std::vector<ForeignSlot>> foreign_slots(pg::Connection& connection) {
    const auto rows = connection.exec(sql::text("queries/server/foreign_slots.sql"));
    if (!rows) return failure(rows.error());
    std::vector<ForeignSlot> slots;
    slots.reserve(static_cast<std::size_t>(rows->size()));
    for (int row = 0; row < rows->size(); ++row) {
        slots.push_back({.name = std::string(rows->text(row, 0)),
                         .type = std::string(rows->text(row, 1)),
                         .plugin = text_or_empty(*rows, row, 2),
                         .active = rows->boolean(row, 3),
                         .retained_bytes = rows->int8(row, 4),
                         .wal_status = text_or_empty(*rows, row, 5)});
    }
    return slots;
}

}  // namespace atlas::catalog
