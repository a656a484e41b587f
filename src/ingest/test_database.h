// SPDX-License-Identifier: Apache-2.0
//
// A database of its own for a test, and what it holds as text to compare.
//
// Lifetime   the database stays until the test's cluster is removed.
// Threading  one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "pg/connection.h"
#include "testing/test_cluster.h"

namespace atlas::ingest {

class TestDatabase {
public:
    const std::string& conninfo() const { return conninfo_; }
    pg::Connection& connection() { return connection_; }

    // A line per row, cells separated by |.
    std::string query(std::string_view sql) {
        const auto rows = connection_.exec(sql);
        if (!rows) return "error: " + rows.error().message;
        std::string all;
        for (int row = 0; row < rows->size(); ++row) {
            for (int column = 0; column < rows->columns(); ++column) {
                if (column > 0) all += '|';
                all += rows->is_null(row, column) ? "∅" : rows->text(row, column);
            }
            all += '\n';
        }
        return all;
    }
    // The current state of every entity.
    std::string hot() {
        return query(
            "SELECT e.external_id, j.hot_attrs FROM entity_jsonb j "
            "JOIN entities e USING (entity_id) ORDER BY 1");
    }
    // Every data point, its instant in seconds of the year 2026.
    std::string points() {
        return query(
            "SELECT e.external_id, extract(epoch FROM v.observed_at - '2026-01-01')::int, "
            "a.attribute_name, v.value FROM entity_values_ts v JOIN entities e USING (entity_id) "
            "JOIN attributes a USING (attribute_id) ORDER BY 1, 2, 3");
    }

private:
    const std::string conninfo_ = test::TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
};

}  // namespace atlas::ingest
