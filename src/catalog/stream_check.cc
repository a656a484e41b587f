// SPDX-License-Identifier: Apache-2.0
#include "catalog/stream_check.h"

#include "assets/sql.h"

namespace atlas::catalog {

pg::Expected<std::vector<std::string>> stream_obstacles(pg::Connection& connection,
                                                        std::string_view slot) {
    const auto rows =
        connection.exec(sql::text("queries/server/stream_obstacles.sql"), pg::Params().add(slot));
    if (!rows) return failure(rows.error());
    std::vector<std::string> obstacles;
    obstacles.reserve(static_cast<std::size_t>(rows->size()));
    for (int row = 0; row < rows->size(); ++row) obstacles.emplace_back(rows->text(row, 0));
    return obstacles;
}

}  // namespace atlas::catalog
