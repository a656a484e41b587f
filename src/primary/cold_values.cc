// SPDX-License-Identifier: Apache-2.0
#include "primary/cold_values.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "model/value.h"
#include "pg/binary_result.h"
#include "primary/cold_values_sql.h"
#include "primary/database_error.h"
#include "primary/reads.h"

namespace atlas::primary {
namespace {

// Collects the newest value of each attribute of an entity; rows come newest first.
class Latest {
public:
    explicit Latest(storage::PackedReader& reader) : reader_(reader) {}

    // Gives what was found to `entity`, which the rows until now were of.
    void give_to(EntityState& entity) {
        for (auto& [index, value] : found_) {
            if (value.json != "null") entity.cold.push_back(std::move(value));
        }
        found_.clear();
    }

    bool read(const pg::Rows& rows, int row) {
        const Time at = pg::read_timestamptz(rows.text(row, kColdObservedAt));
        return reader_.read(rows, row, kColdPacked,
                            [this, at](std::size_t i, const model::Value& v) {
                                const auto [place, fresh] = found_.try_emplace(i);
                                if (!fresh) return;
                                const model::Attribute& attribute = reader_.wanted()[i];
                                place->second.name = attribute.name;
                                place->second.at = at;
                                model::append_value_json(place->second.json, attribute.type, v);
                            });
    }

private:
    storage::PackedReader& reader_;
    std::map<std::size_t, ColdValue> found_;
};

std::size_t entity_of(const pg::Rows& rows, int row) {
    return static_cast<std::size_t>(pg::read_int8(rows.text(row, kColdEntity))) - 1;
}

}  // namespace

query::Answer<void> add_cold_values(pg::Connection& connection, storage::ShapeRegistry& shapes,
                                    TenantId tenant,
                                    const std::vector<model::Attribute>& attributes, Time from,
                                    Time to, std::vector<EntityState>& entities,
                                    query::Snapshot& snapshot) {
    std::vector<std::unique_ptr<storage::PackedReader>> readers;
    std::vector<Read> reads;
    for (const model::Attribute& attribute : attributes) {
        readers.push_back(std::make_unique<storage::PackedReader>(
            shapes, std::vector<model::Attribute>{attribute}));
        // The newest value that converts may be in an older row.
        const int rows = attribute.superseded.empty() ? 1 : query::kMaxColdObservations;
        reads.push_back(newest_rows_sql(*readers.back(), tenant, entities, from, to, true, rows));
    }
    if (reads.empty() || entities.empty()) return {};
    auto done = run_reads(connection, Plan::walk, reads);
    if (!done) return failure(database_error(std::move(done.error())));
    snapshot.extend(done->snapshot);
    for (std::size_t i = 0; i < readers.size(); ++i) {
        const pg::Rows& rows = done->rows[i];
        Latest latest(*readers[i]);
        for (int row = 0; row < rows.size(); ++row) {
            latest.read(rows, row);
            const std::size_t entity = entity_of(rows, row);
            if (row + 1 < rows.size() && entity_of(rows, row + 1) == entity) continue;
            latest.give_to(entities[entity]);
        }
    }
    return {};
}

query::Answer<void> add_all_cold_values(pg::Connection& connection, storage::ShapeRegistry& shapes,
                                        const model::TenantCatalog& catalog, Time from, Time to,
                                        std::vector<EntityState>& entities,
                                        query::Snapshot& snapshot) {
    std::vector<model::Attribute> cold;
    for (const model::Attribute& attribute : catalog.all()) {
        if (!attribute.hot) cold.push_back(attribute);
    }
    if (cold.empty() || entities.empty()) return {};
    storage::PackedReader reader(shapes, std::move(cold));
    Latest latest(reader);
    std::size_t current = 0;
    int seen = 0;
    Time oldest{};
    const std::vector<Read> reads{newest_rows_sql(reader, catalog.tenant(), entities, from, to,
                                                  false, query::kMaxColdObservations + 1)};
    const auto on_row = [&](const pg::Rows& rows) {
        const std::size_t entity = entity_of(rows, 0);
        if (entity != current) {
            latest.give_to(entities[current]);
            current = entity;
            seen = 0;
        }
        if (++seen > query::kMaxColdObservations) {  // only tells that there are more
            entities[entity].truncated_at = oldest;
            return true;
        }
        oldest = pg::read_timestamptz(rows.text(0, kColdObservedAt));
        latest.read(rows, 0);
        return true;
    };
    auto streamed = stream_reads(connection, Plan::walk, reads, on_row);
    if (!streamed) return failure(database_error(std::move(streamed.error())));
    snapshot.extend(streamed->snapshot);
    latest.give_to(entities[current]);
    return {};
}

}  // namespace atlas::primary
