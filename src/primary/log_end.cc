// SPDX-License-Identifier: Apache-2.0
#include "primary/log_end.h"

#include "assets/sql.h"
#include "pg/reopen.h"
#include "primary/reads.h"

namespace atlas::primary {
namespace {

pg::SessionSettings log_end_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas barrier";
    settings.connect_timeout = std::chrono::seconds(2);
    settings.statement_timeout = std::chrono::seconds(2);
    settings.force_custom_plans = false;
    return settings;
}

}  // namespace

pg::Expected<query::Snapshot> LogEnd::read() {
    if (auto opened = pg::reopen(session_, conninfo_, log_end_session()); !opened) {
        return failure(std::move(opened.error()));
    }
    const pg::Connection::Statement statement{.sql = sql::text("queries/read/position.sql"),
                                              .format = pg::Connection::Format::binary,
                                              .name = "read_position"};
    const auto rows = session_->exec_pipeline(std::span(&statement, 1));
    if (!rows) return failure(rows.error());
    return read_snapshot(rows->front(), 0);
}

pg::Expected<std::string> LogEnd::visible() {
    const std::scoped_lock lock(looking_);
    if (auto opened = pg::reopen(visible_session_, conninfo_, log_end_session()); !opened) {
        return failure(std::move(opened.error()));
    }
    const auto rows = visible_session_->exec(sql::text("queries/analytics/take_snapshot.sql"));
    if (!rows) return failure(rows.error());
    return std::string(rows->text(0, 0));
}

pg::Expected<query::Snapshot> LogEnd::ask() {
    std::unique_lock lock(mutex_);
    // The statement that runs may have read the position already.
    if (!next_) next_ = std::make_shared<Round>();
    const auto round = next_;
    changed_.wait(lock, [&] { return round->result || !asking_; });
    if (round->result) return *round->result;
    next_.reset();
    asking_ = true;
    lock.unlock();
    auto result = read();
    lock.lock();
    asking_ = false;
    round->result = std::move(result);
    changed_.notify_all();
    return *round->result;
}

}  // namespace atlas::primary
