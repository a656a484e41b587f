// SPDX-License-Identifier: Apache-2.0
//
// Runs a statement that a session repeats: it is prepared once per session, under the name of its
// SqlText, and planned again only while the planner expects to gain by it.
//
// Threading  that of the connection; a round trip.
#pragma once

#include <array>

#include "pg/connection.h"

namespace atlas::pg {

// Fails as Connection::exec() does. `sql` has a name.
inline Expected<Rows> exec_prepared(Connection& connection, const SqlText& sql,
                                    const Params& params) {
    const std::array<Connection::Statement, 1> statement{
        {{.sql = sql, .params = &params, .name = sql.name}}};
    auto results = connection.exec_pipeline(statement);
    if (!results) return failure(std::move(results.error()));
    return std::move(results->front());
}

}  // namespace atlas::pg
