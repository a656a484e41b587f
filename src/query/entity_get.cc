// SPDX-License-Identifier: Apache-2.0
#include "query/entity_get.h"

#include <fmt/format.h>

#include "assets/sql.h"
#include "pg/binary_result.h"

namespace atlas::query {
namespace {

using Statement = pg::Connection::Statement;
constexpr auto kBinary = pg::Connection::Format::binary;
constexpr Day kPostgresEpoch{std::chrono::days{10'957}};
constexpr int kDeletedColumn = 8;

int number_of(Day day) {
    return static_cast<int>(day.time_since_epoch().count());
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    const auto at = text.rfind(what);
    return text.replace(at, what.size(), with);
}

// The statement for one day, and the name under which it is prepared.
struct LastObserved {
    std::string sql;
    std::string name;

    explicit LastObserved(int day) : name(fmt::format("read_last_observed_{}", day)) {
        static const std::string text(sql::text("queries/read/last_observed.sql"));
        const auto bound = [](int number) {
            return fmt::format("timestamptz '{}'",
                               format_rfc3339(Time{Day{std::chrono::days{number}}}));
        };
        sql = replaced(replaced(text, ":from", bound(day)), ":to", bound(day + 1));
    }
};

std::optional<Time> time_of(const pg::Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return pg::read_timestamptz(rows.text(0, 0));
}

}  // namespace

pg::SessionSettings read_session_settings() {
    pg::SessionSettings settings;
    settings.application_name = "atlas read";
    settings.force_custom_plans = false;
    return settings;
}

EntityState read_entity_row(const pg::Rows& rows, int row) {
    EntityState entity;
    entity.id = EntityId{pg::read_int8(rows.text(row, 0))};
    entity.external_id = rows.text(row, 1);
    entity.type = rows.text(row, 2);
    entity.created_at = pg::read_timestamptz(rows.text(row, 3));
    entity.updated_at = pg::read_timestamptz(rows.text(row, 4));
    if (!rows.is_null(row, 5)) {
        entity.last_day = kPostgresEpoch + std::chrono::days{pg::read_int4(rows.text(row, 5))};
    }
    entity.hot_attrs = rows.text(row, 6);
    entity.hot_at = rows.text(row, 7);
    return entity;
}

Answer<EntityAnswer> EntityGetter::get(pg::Connection& connection, TenantId tenant,
                                       std::string_view entity) {
    static const std::string_view get_sql = sql::text("queries/read/entity_get.sql");
    static const std::string_view position_sql = sql::text("queries/read/position.sql");
    pg::Params key;
    key.add(tenant.value).add(entity);
    const int likely = likely_day_.load(std::memory_order_relaxed);
    const LastObserved guess(likely);
    std::vector<Statement> statements{
        {.sql = get_sql, .params = &key, .format = kBinary, .name = "read_entity_get"},
        {.sql = position_sql, .format = kBinary, .name = "read_position"},
        {.sql = guess.sql, .params = &key, .format = kBinary, .name = guess.name}};
    if (likely == 0) statements.pop_back();
    const auto rows = connection.exec_pipeline(statements);
    if (!rows) return failure(database_error(rows.error()));
    const pg::Rows& found = (*rows)[0];
    if (found.empty()) return failure(entity_not_found(entity));
    EntityAnswer answer{
        .entity = read_entity_row(found, 0),
        .snapshot = {.as_of = pg::read_timestamptz((*rows)[1].text(0, 0)),
                     .position =
                         Lsn{static_cast<std::uint64_t>(pg::read_int8((*rows)[1].text(0, 1)))}},
        .deleted = pg::read_bool(found.text(0, kDeletedColumn))};
    if (!answer.entity.last_day) return answer;
    const int day = number_of(*answer.entity.last_day);
    if (day == likely) {
        answer.entity.last_observed_at = time_of((*rows)[2]);
        return answer;
    }
    const LastObserved exact(day);
    const std::vector<Statement> second{
        {.sql = exact.sql, .params = &key, .format = kBinary, .name = exact.name}};
    const auto last = connection.exec_pipeline(second);
    if (!last) return failure(database_error(last.error()));
    answer.entity.last_observed_at = time_of(last->front());
    likely_day_.store(day, std::memory_order_relaxed);
    return answer;
}

Error entity_not_found(std::string_view entity) {
    return {.code = ErrorCode::entity_not_found,
            .detail = fmt::format("There is no entity {} in this tenant.", entity),
            .parameter = "entity"};
}

Error entity_deleted(std::string_view entity) {
    return {.code = ErrorCode::entity_deleted,
            .detail = fmt::format("{} is retired. Its series stay readable; PUT "
                                  "/v1/entities/<entity> brings it back.",
                                  entity),
            .parameter = "entity"};
}

}  // namespace atlas::query
