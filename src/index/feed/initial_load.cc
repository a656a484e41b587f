// SPDX-License-Identifier: Apache-2.0
#include "index/feed/initial_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "assets/sql.h"
#include "pg/binary_result.h"
#include "pg/reopen.h"

namespace atlas::index {
namespace {

using stream::Error;

pg::SessionSettings load_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas index load";
    settings.statement_timeout = std::chrono::seconds(30);
    return settings;
}

Error failed(const pg::Error& error) {
    return {.message = pg::describe(error)};
}

}  // namespace

void InitialLoad::begin(std::optional<TenantId> tenant) {
    tenant_ = tenant;
    what_ = tenant ? What::states : What::entities;
    begun_ = false;
    delivered_.clear();
    last_ = INT64_MIN;
    last_name_.clear();
    after_ = {};
    finished_ = false;
    loaded_ = 0;
}

void InitialLoad::delivered(std::uint32_t xid) {
    if (!finished_) delivered_.push_back(xid);
}

void InitialLoad::end() {
    finished_ = true;
    session_.reset();
}

// In the transaction that it begins. False: what has to be visible is not visible in it.
stream::Expected<bool> InitialLoad::take_snapshot() {
    if (auto begun = session_->exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); !begun) {
        return failure(failed(begun.error()));
    }
    const auto taken = session_->exec(sql::text("queries/analytics/take_snapshot.sql"));
    if (!taken) return failure(failed(taken.error()));
    const auto snapshot =
        stream::parse_copy_snapshot(fmt::format("0 {} {}", taken->text(0, 1), taken->text(0, 0)));
    if (!snapshot) return failure(Error{.message = "not a snapshot"});
    if (tenant_ && !begun_) {
        for (const std::uint64_t xid : snapshot->running) {
            delivered_.push_back(static_cast<std::uint32_t>(xid));
        }
    }
    begun_ = true;
    if (!std::ranges::all_of(delivered_, [&](std::uint32_t xid) { return snapshot->shows(xid); })) {
        return false;
    }
    delivered_.clear();
    after_ = std::max(after_, snapshot->after.lsn);
    return true;
}

stream::Expected<InitialLoad::Step> InitialLoad::read_part(RowReader& rows) {
    pg::Params params;
    if (what_ == What::stateless) {
        params.add(last_name_);
    } else {
        params.add(last_);
    }
    params.add(part_rows_);
    if (tenant_) params.add(tenant_->value);
    const std::array<pg::Connection::Statement, 2> statements{
        {{.sql = sql::text("queries/read/settings.sql")},
         {.sql = sql::text(what_ == What::entities ? "queries/index/load_entities.sql"
                           : what_ == What::states ? "queries/index/load_tenant.sql"
                                                   : "queries/index/load_stateless.sql"),
          .params = &params,
          .format = pg::Connection::Format::binary}}};
    const auto read = session_->exec_pipeline(statements);
    if (!read) return failure(failed(read.error()));
    const pg::Rows& entities = read->back();
    for (int row = 0; row < entities.size(); ++row) {
        if (!rows.load(entities, row)) {
            return failure(Error{.message = "a row of entity_jsonb is damaged"});
        }
    }
    loaded_ += entities.size();
    go_on(entities);
    return Step::loaded;
}

void InitialLoad::go_on(const pg::Rows& part) {
    if (!part.empty()) {
        last_ = pg::read_int8(part.text(part.size() - 1, kLoadEntity));
        last_name_ = part.text(part.size() - 1, kLoadExternalId);
    }
    switch (what_) {
        case What::entities: finished_ = part.size() < part_rows_; return;
        case What::states:
            if (part.size() == part_rows_) return;
            what_ = What::stateless;
            last_name_.clear();
            return;
        case What::stateless: finished_ = part.empty(); return;
    }
}

stream::Expected<InitialLoad::Step> InitialLoad::step(RowReader& rows) {
    if (finished_) return Step::finished;
    if (auto opened = pg::reopen(session_, conninfo_, load_session()); !opened) {
        return failure(failed(opened.error()));
    }
    const auto shows = take_snapshot();
    auto step = !shows   ? stream::Expected<Step>(failure(shows.error()))
                : *shows ? read_part(rows)
                         : Step::too_early;
    // A session in an unknown state is of no use.
    if (!step || !session_->exec("ROLLBACK")) session_.reset();
    return step;
}

}  // namespace atlas::index
