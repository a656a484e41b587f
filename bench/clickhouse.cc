// SPDX-License-Identifier: Apache-2.0
#include "bench/clickhouse.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

#include "bench/command.h"

namespace atlas::bench {
namespace {

constexpr std::pair<const char*, const char*> kExports[] = {
    {"tenants", "SELECT tenant_id, tenant_name FROM dim_tenants"},
    {"attributes",
     "SELECT tenant_id, attribute_id, attribute_name, type, attribute_category "
     "FROM dim_attributes"},
    {"entities",
     "SELECT tenant_id, entity_id, external_id, entity_type, created_at, is_deleted "
     "FROM dim_entities"},
    {"points",
     "SELECT tenant_id, attribute_id, entity_id, observed_at, received_at, "
     "coalesce(double_value, CAST(int_value AS DOUBLE)) AS number, text_value AS text "
     "FROM store.readable"},
};

}  // namespace

void export_store(analytics::duckdb::DuckStore& store, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    auto connection = store.connect();
    if (!connection) throw std::runtime_error(connection.error().message);
    for (const auto& [name, sql] : kExports) {
        auto done = connection->execute(
            fmt::format("COPY ({}) TO '{}' (FORMAT parquet, COMPRESSION zstd)", sql,
                        (folder / fmt::format("{}.parquet", name)).string()));
        if (!done) throw std::runtime_error(done.error().message);
    }
}

ClickHouse::ClickHouse() : command_(output_of("bench/clickhouse/build")) {
}

ClickHouse::Run ClickHouse::ask(const std::filesystem::path& folder, std::int64_t tenant,
                                const boost::json::object& parameters, double seconds) const {
    std::ofstream(folder / "parameters.json")
        << boost::json::serialize(boost::json::object{{"tenant", tenant}, {"queries", parameters}});
    const auto json = boost::json::parse(
        output_of(fmt::format("{} '{}' {}", command_, folder.string(), seconds)));
    Run run{.version = json.at("version").as_string().c_str(),
            .load_seconds = json.at("load_seconds").to_number<double>(),
            .bytes = json.at("bytes").to_number<double>(),
            .queries = {}};
    for (const auto& [name, result] : json.at("queries").as_object()) {
        std::vector<double> milliseconds;
        for (const auto& one : result.at("milliseconds").as_array()) {
            milliseconds.push_back(one.to_number<double>());
        }
        run.queries.push_back({name, result.at("rows").as_array(), std::move(milliseconds)});
    }
    return run;
}

}  // namespace atlas::bench
