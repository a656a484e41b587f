// SPDX-License-Identifier: Apache-2.0
#include "primary/server_identity.h"

#include <algorithm>
#include <utility>

#include "assets/sql.h"
#include "observe/log.h"
#include "pg/replication.h"
#include "primary/database_error.h"

namespace atlas::primary {
namespace {

using query::ServerHistory;
using query::TokenVerdict;

// Where the history could not be read, it is tried again this often.
constexpr std::chrono::minutes kRetryHistory{1};

pg::SessionSettings history_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas timelines";
    return settings;
}

}  // namespace

ServerIdentity::Known ServerIdentity::known() const {
    const std::scoped_lock lock(mutex_);
    return known_;
}

LogPosition ServerIdentity::flushed() const {
    const std::scoped_lock lock(mutex_);
    if (!known_.history) return {};
    return {.timeline = known_.history->timeline(), .lsn = known_.flushed};
}

void ServerIdentity::saw(LogPosition position) {
    const std::scoped_lock lock(mutex_);
    if (!known_.history) return;
    if (known_.history->timeline() == position.timeline) {
        known_.flushed = std::max(known_.flushed, position.lsn);
    }
    if (known_.history->timeline() < position.timeline) known_.outdated = true;
}

std::shared_ptr<const ServerHistory> ServerIdentity::read_history(std::string system_id,
                                                                  std::int64_t timeline,
                                                                  bool& incomplete) const {
    std::vector<ServerHistory::Ended> ended;
    if (timeline > 1) {
        auto session = pg::ReplicationSession::open(history_conninfo_, history_session());
        const auto text = session ? session->timeline_history(timeline)
                                  : pg::Expected<std::string>(failure(session.error()));
        incomplete = !text;
        if (text) {
            ended = query::parse_timeline_history(*text);
        } else {
            observe::log_warning(
                "the history of timeline {} cannot be read, so consistency tokens from before the "
                "promotion are refused: {}; grant the role REPLICATION",
                timeline, pg::describe(text.error()));
        }
    }
    return std::make_shared<const ServerHistory>(std::move(system_id), timeline, std::move(ended));
}

pg::Expected<void> ServerIdentity::refresh() {
    const auto arrived = std::chrono::steady_clock::now();
    const std::scoped_lock one_at_a_time(refreshing_);
    if (last_began_ >= arrived) return last_result_;
    last_began_ = std::chrono::steady_clock::now();
    last_result_ = ask();
    return last_result_;
}

pg::Expected<void> ServerIdentity::ask() {
    {
        const std::scoped_lock lock(mutex_);
        known_.asked = clock_.steady();
    }
    Known next = known();
    const Lsn before = next.flushed;
    auto session = pool_.acquire();
    if (!session) return failure(session.error());
    const auto rows = (*session)->exec(sql::text("queries/server/identity.sql"));
    if (!rows) return failure(rows.error());
    const auto now = clock_.steady();
    const std::string_view system = rows->text(0, 0);
    const std::int64_t timeline = timeline_of_segment(rows->text(0, 1));
    const bool same =
        next.history && next.history->system_id() == system && next.history->timeline() == timeline;
    if (!same || (next.incomplete && now - next.asked_history > kRetryHistory)) {
        next.incomplete = false;
        next.asked_history = now;
        next.history = read_history(std::string(system), timeline, next.incomplete);
    }
    next.outdated = false;
    const Lsn flushed = parse_lsn(rows->text(0, 2)).value_or(Lsn{});
    if (same && flushed < before) {
        observe::log_error(
            "the database server's log ends at {}, it went on to {} before: the server was set "
            "back; restart Atlas, and rebuild what follows the log",
            to_string(flushed), to_string(before));
    }
    const std::scoped_lock lock(mutex_);
    // Meanwhile writes may have seen more of the same log.
    next.flushed = same && flushed >= before ? std::max(known_.flushed, flushed) : flushed;
    known_ = std::move(next);
    return {};
}

std::string ServerIdentity::issue(LogPosition position) {
    saw(position);
    const auto history = known().history;
    if (!history) return to_string(position.lsn);
    if (position.timeline == 0) position.timeline = history->timeline();
    return query::encode_consistency_token({.system = history->system(), .position = position});
}

query::Answer<query::TokenDesk::Accepted> ServerIdentity::accept(std::string_view text) {
    // A server that cannot be asked is still the one that it was.
    if (clock_.steady() - known().asked > kTrusted) static_cast<void>(refresh());
    for (bool asked = false;; asked = true) {
        const Known now = known();
        if (now.history && !now.outdated) {
            const auto token = query::read_token(text, *now.history);
            if (!token) return failure(token.error());
            const TokenVerdict verdict = now.history->judge(*token, now.flushed);
            if (verdict == TokenVerdict::good) {
                return Accepted{.floor = token->position, .timeline = now.history->timeline()};
            }
            if (asked || verdict == TokenVerdict::lost) {
                return failure(std::move(query::refuse_unless_good(verdict).error()));
            }
        }
        if (const auto done = refresh(); !done) return failure(database_error(done.error()));
    }
}

}  // namespace atlas::primary
