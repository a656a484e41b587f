// SPDX-License-Identifier: Apache-2.0
#include "catalog/attribute_change.h"

#include <algorithm>
#include <chrono>

#include "assets/sql.h"
#include "base/time.h"
#include "pg/connection.h"

namespace atlas::catalog {
namespace {

ChangeOutcome outcome_of(std::string_view word) {
    if (word == "unknown_attribute") return ChangeOutcome::not_found;
    if (word == "changing") return ChangeOutcome::changing;
    if (word == "name_in_use") return ChangeOutcome::name_in_use;
    return ChangeOutcome::done;
}

pg::Expected<ChangeOutcome> run(pg::Connection& connection, std::string_view query,
                                const pg::Params& params) {
    const auto rows = connection.exec(sql::text(query), params);
    if (!rows) return failure(rows.error());
    return outcome_of(rows->text(0, 0));
}

// A slice of history that is counted this fast may be twice as long the next time.
constexpr std::chrono::milliseconds kQuick{250};
constexpr std::chrono::seconds kShortestSlice{1};
// statement_timeout
constexpr std::string_view kQueryCanceled = "57014";

pg::Params slice_params(TenantId tenant, std::string_view name, std::optional<model::Type> type,
                        std::string_view partition, Time begin, Time end) {
    pg::Params params;
    params.add(tenant.value).add(name);
    type ? params.add(to_string(*type)) : params.add(nullptr);
    params.add(partition).add(begin).add(end);
    return params;
}

pg::Expected<void> count_slice(pg::Connection& connection, const pg::Params& params,
                               ValueCount& count) {
    const auto rows = connection.exec(sql::text("queries/attributes/count_values.sql"), params);
    if (!rows) return failure(rows.error());
    count.stored += rows->int8(0, 0);
    count.lost += rows->int8(0, 1);
    return {};
}

}  // namespace

pg::Expected<ChangeOutcome> retype_attribute(pg::Connection& connection, TenantId tenant,
                                             std::string_view name, model::Type type) {
    return run(connection, "queries/attributes/retype.sql",
               pg::Params{}.add(tenant.value).add(name).add(to_string(type)));
}

pg::Expected<ChangeOutcome> rename_attribute(pg::Connection& connection, TenantId tenant,
                                             std::string_view name, std::string_view new_name) {
    return run(connection, "queries/attributes/rename.sql",
               pg::Params{}.add(tenant.value).add(name).add(new_name));
}

pg::Expected<ChangeOutcome> drop_attribute(pg::Connection& connection, TenantId tenant,
                                           std::string_view name) {
    return run(connection, "queries/attributes/drop.sql", pg::Params{}.add(tenant.value).add(name));
}

pg::Expected<bool> continue_changes(pg::Connection& connection, std::optional<TenantId> tenant) {
    pg::Params params;
    tenant ? params.add(tenant->value) : params.add(nullptr);
    const auto rows = connection.exec(sql::text("queries/attributes/continue_changes.sql"), params);
    if (!rows) return failure(rows.error());
    return rows->boolean(0, 0);
}

pg::Expected<std::map<std::string, double, std::less<>>> change_progress(pg::Connection& connection,
                                                                         TenantId tenant) {
    const auto rows = connection.exec(sql::text("queries/attributes/progress.sql"),
                                      pg::Params{}.add(tenant.value));
    if (!rows) return failure(rows.error());
    std::map<std::string, double, std::less<>> progress;
    for (int i = 0; i < rows->size(); ++i) {
        progress.emplace(rows->text(i, 0), rows->float8(i, 1));
    }
    return progress;
}

pg::Expected<ValueCount> count_values(pg::Connection& connection, TenantId tenant,
                                      std::string_view name, std::optional<model::Type> type) {
    const auto partitions = connection.exec(sql::text("queries/attributes/list_partitions.sql"));
    if (!partitions) return failure(partitions.error());
    ValueCount count;
    Micros slice = std::chrono::minutes{1};
    Micros longest = std::chrono::days{31};
    for (int i = 0; i < partitions->size(); ++i) {
        const Time first{std::chrono::days{partitions->int8(i, 1)}};
        for (Time end{std::chrono::days{partitions->int8(i, 2)}}; end > first;) {
            const Time begin = std::max(first, end - slice);
            const auto began = std::chrono::steady_clock::now();
            const auto done = count_slice(
                connection, slice_params(tenant, name, type, partitions->text(i, 0), begin, end),
                count);
            if (!done) {
                if (done.error().sqlstate != kQueryCanceled || slice <= kShortestSlice) {
                    return failure(done.error());
                }
                slice = longest = slice / 2;
                continue;
            }
            end = begin;
            const auto took = std::chrono::steady_clock::now() - began;
            if (took < kQuick) slice = std::min(2 * slice, longest);
        }
    }
    return count;
}

}  // namespace atlas::catalog
