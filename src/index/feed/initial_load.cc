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

void InitialLoad::begin() {
    delivered_.clear();
    last_ = INT64_MIN;
    after_ = {};
    finished_ = false;
    loaded_ = 0;
}

void InitialLoad::delivered(std::uint32_t xid) {
    if (!finished_) delivered_.push_back(xid);
}

void InitialLoad::end() {
    session_.reset();
}

// In the transaction that it begins. False: what was delivered is not visible in it.
stream::Expected<bool> InitialLoad::take_snapshot() {
    if (auto begun = session_->exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); !begun) {
        return failure(failed(begun.error()));
    }
    const auto taken = session_->exec(sql::text("queries/analytics/take_snapshot.sql"));
    if (!taken) return failure(failed(taken.error()));
    const auto snapshot =
        stream::parse_copy_snapshot(fmt::format("0 {} {}", taken->text(0, 1), taken->text(0, 0)));
    if (!snapshot) return failure(Error{.message = "not a snapshot"});
    if (!std::ranges::all_of(delivered_, [&](std::uint32_t xid) { return snapshot->shows(xid); })) {
        return false;
    }
    delivered_.clear();
    after_ = std::max(after_, snapshot->after.lsn);
    return true;
}

stream::Expected<InitialLoad::Step> InitialLoad::read_part(RowReader& rows) {
    pg::Params params;
    params.add(last_).add(part_rows_);
    const std::array<pg::Connection::Statement, 2> statements{
        {{.sql = sql::text("queries/read/settings.sql")},
         {.sql = sql::text("queries/index/load_entities.sql"),
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
    if (!entities.empty()) {
        last_ = pg::read_int8(entities.text(entities.size() - 1, kLoadEntity));
        loaded_ += entities.size();
    }
    finished_ = entities.size() < part_rows_;
    return Step::loaded;
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
