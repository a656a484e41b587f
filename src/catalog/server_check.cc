// SPDX-License-Identifier: Apache-2.0
#include "catalog/server_check.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "assets/sql.h"

namespace atlas::catalog {
namespace {

std::string warning_for(std::string_view setting) {
    if (setting == "synchronous_standby_names") {
        return "synchronous_standby_names is set on the database server and no standby is "
               "connected "
               "as synchronous: writes wait for one; connect a standby that it names, or set it to "
               "''";
    }
    std::string_view loss = "a crash of the machine can corrupt stored data";
    if (setting == "fsync") loss = "a crash of the machine can lose or corrupt acknowledged data";
    if (setting == "synchronous_commit") loss = "a crash of the server loses acknowledged data";
    return fmt::format("{0} = off on the database server: {1}; set {0} = on", setting, loss);
}

std::vector<std::string> warnings_of(const pg::Rows& rows) {
    std::vector<std::string> warnings;
    warnings.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) warnings.push_back(warning_for(rows.text(row, 0)));
    return warnings;
}

std::vector<ForeignSlot> slots_of(const pg::Rows& rows) {
    std::vector<ForeignSlot> slots;
    slots.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        slots.push_back({.name = std::string(rows.text(row, 0)),
                         .type = std::string(rows.text(row, 1)),
                         .plugin = std::string(rows.text(row, 2)),
                         .active = rows.boolean(row, 3),
                         .retained_bytes = rows.int8(row, 4),
                         .wal_status = std::string(rows.text(row, 5))});
    }
    return slots;
}

}  // namespace

pg::Expected<std::vector<std::string>> weak_settings(pg::Connection& connection) {
    const auto rows = connection.exec(sql::text("queries/server/weak_settings.sql"));
    if (!rows) return failure(rows.error());
    return warnings_of(*rows);
}

pg::Expected<ServerState> server_state(pg::Connection& connection) {
    const std::array<pg::Connection::Statement, 3> all{
        {{.sql = sql::text("queries/log_position.sql")},
         {.sql = sql::text("queries/server/weak_settings.sql")},
         {.sql = sql::text("queries/server/foreign_slots.sql")}}};
    auto rows = connection.exec_pipeline(all);
    // The database may have the objects of an older program, which know no slots.
    if (!rows && rows.error().kind == pg::ErrorKind::other) {
        rows = connection.exec_pipeline(std::span(all).first(2));
    }
    if (!rows) return failure(rows.error());
    ServerState state{.position = parse_lsn((*rows)[0].text(0, 0)).value_or(Lsn{}),
                      .warnings = warnings_of((*rows)[1]),
                      .slots = {}};
    if (rows->size() > 2) state.slots = slots_of((*rows)[2]);
    return state;
}

}  // namespace atlas::catalog
