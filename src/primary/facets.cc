// SPDX-License-Identifier: Apache-2.0
#include "primary/facets.h"

#include <fmt/format.h>

#include <array>

#include "pg/binary_result.h"
#include "primary/database_error.h"
#include "primary/filter_sql.h"
#include "primary/list_sql.h"

namespace atlas::primary {
namespace {

enum Column : int { kPlace, kValue, kCount, kEntities };

}  // namespace

query::Answer<query::FacetsAnswer> count_facets(pg::Connection& connection,
                                                const query::FacetsRequest& request) {
    const std::array<Read, 1> reads{facets_sql(request)};
    auto done = run_reads(connection, Plan::keyed, reads);
    if (!done) return failure(database_error(std::move(done.error())));
    query::FacetsAnswer answer{.facets = {}, .snapshot = std::move(done->snapshot)};
    for (const auto& attribute : request.attributes) {
        answer.facets.push_back({.name = attribute.name});
    }
    // Place 0: all that match. Of each attribute's rows the entities that have any value.
    const pg::Rows& rows = done->rows.front();
    std::vector<std::int64_t> present(answer.facets.size());
    for (int row = 0; row < rows.size(); ++row) {
        const std::int64_t place = pg::read_int8(rows.text(row, kPlace));
        const std::int64_t count = pg::read_int8(rows.text(row, kCount));
        if (place == 0) {
            answer.total_size = count;
            continue;
        }
        const auto index = static_cast<std::size_t>(place - 1);
        query::Facet& facet = answer.facets.at(index);
        present[index] = pg::read_int8(rows.text(row, kEntities));
        facet.values.push_back({.json = std::string(rows.text(row, kValue)), .count = count});
    }
    for (std::size_t i = 0; i < answer.facets.size(); ++i) {
        query::Facet& facet = answer.facets[i];
        facet.other = present[i];
        for (const auto& value : facet.values) facet.other -= value.count;
        facet.absent = answer.total_size - present[i];
    }
    return answer;
}

}  // namespace atlas::primary
