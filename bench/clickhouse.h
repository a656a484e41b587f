// SPDX-License-Identifier: Apache-2.0
//
// ClickHouse's engine in a process of its own, as the peer of the named queries.
//
//     store → Parquet → bench/clickhouse/ask → tables (MergeTree) → rows and times of each query
//
// Needs pip, which fetches what bench/clickhouse/requirements.txt pins.
//
// Threading  the benchmark's; calls block.
#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "analytics/duckdb/duck_store.h"

namespace atlas::bench {

// Every point of the store and its small tables, as Parquet files. Throws std::runtime_error.
void export_store(analytics::duckdb::DuckStore& store, const std::filesystem::path& folder);

class ClickHouse {
public:
    // Fetches it when it is not there yet. Throws std::runtime_error.
    ClickHouse();

    struct Result {
        std::string name;
        boost::json::array rows;
        std::vector<double> milliseconds;
    };
    struct Run {
        std::string version;
        double load_seconds = 0;
        double bytes = 0;  // on disk
        std::vector<Result> queries;
    };
    // Loads the folder and asks each query of `parameters` as that tenant, for so long together.
    Run ask(const std::filesystem::path& folder, std::int64_t tenant,
            const boost::json::object& parameters, double seconds) const;

private:
    std::string command_;
};

}  // namespace atlas::bench
