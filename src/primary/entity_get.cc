// SPDX-License-Identifier: Apache-2.0
#include "primary/entity_get.h"

#include <fmt/format.h>

#include <array>

#include "assets/sql.h"
#include "pg/binary_result.h"
#include "primary/database_error.h"
#include "primary/reads.h"
#include "query/filter_lexer.h"

namespace atlas::primary {
namespace {

using Statement = pg::Connection::Statement;
constexpr auto kBinary = pg::Connection::Format::binary;
constexpr Day kPostgresEpoch{std::chrono::days{10'957}};
enum Column : int { kDeleted = 8, kObserved, kAsOf };

int number_of(Day day) {
    return static_cast<int>(day.time_since_epoch().count());
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    return text.replace(text.rfind(what), what.size(), with);
}

FoundEntity read_answer(const pg::Rows& rows) {
    FoundEntity answer{.entity = read_entity_row(rows, 0),
                       .snapshot = read_snapshot(rows, kAsOf),
                       .deleted = pg::read_bool(rows.text(0, kDeleted))};
    if (!rows.is_null(0, kObserved)) {
        answer.entity.last_observed_at = pg::read_timestamptz(rows.text(0, kObserved));
    }
    return answer;
}

}  // namespace

// The statement for one day, and the name under which it is prepared.
struct EntityGetter::OnDay {
    int day;  // since the Unix epoch
    std::string name;
    std::string sql;

    explicit OnDay(int number) : day(number), name(fmt::format("read_entity_{}", number)) {
        static const std::string text(sql::text("queries/read/entity_get.sql"));
        const auto bound = [](int first) {
            return fmt::format("timestamptz '{}'",
                               format_rfc3339(Time{Day{std::chrono::days{first}}}));
        };
        sql = replaced(replaced(text, ":from", bound(day)), ":to", bound(day + 1));
    }
};

EntityGetter::EntityGetter(Time now)
    : likely_(std::make_shared<const OnDay>(number_of(day_of(now)))) {
}

std::shared_ptr<const EntityGetter::OnDay> EntityGetter::likely() const {
    const std::lock_guard lock(mutex_);
    return likely_;
}

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

query::Answer<FoundEntity> EntityGetter::get(pg::Connection& connection, TenantId tenant,
                                             std::string_view entity) {
    // No entity has such a name, and the server would refuse or cut it.
    if (!query::valid_utf8(entity) || entity.find('\0') != std::string_view::npos) {
        return failure(query::entity_not_found("of that name"));
    }
    pg::Params key;
    key.add(tenant.value).add(entity);
    std::shared_ptr<const OnDay> get = likely();
    // The second try is for the right day; a third, for an entity that moved on in between.
    for (int attempt = 0;; ++attempt) {
        const std::array<Statement, 1> statements{
            {{.sql = get->sql, .params = &key, .format = kBinary, .name = get->name}}};
        const auto rows = connection.exec_pipeline(statements);
        if (!rows) return failure(database_error(rows.error()));
        if (rows->front().empty()) return failure(query::entity_not_found(entity));
        FoundEntity answer = read_answer(rows->front());
        const auto last = answer.entity.last_day;
        if (!last || number_of(*last) == get->day || attempt == 2) return answer;
        get = std::make_shared<const OnDay>(number_of(*last));
        const std::lock_guard lock(mutex_);
        likely_ = get;
    }
}

}  // namespace atlas::primary
