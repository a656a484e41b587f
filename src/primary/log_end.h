// SPDX-License-Identifier: Apache-2.0
//
// Asks the primary where its log ends, for all who want to know at a time: every commit that was
// acknowledged before the call is before that.
//
//     strong reads → [LogEnd: one statement for all that wait] → position
//
// Lifetime   the session is its own, opened when it is needed.
// Threading  any thread; a call blocks for the statement, and for the one that runs before it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "pg/connection.h"
#include "query/snapshot.h"

namespace atlas::primary {

class LogEnd {
public:
    explicit LogEnd(std::string conninfo) : conninfo_(std::move(conninfo)) {}

    // With as_of, by the primary's clock, from before the position was read.
    pg::Expected<query::Snapshot> ask();
    // Which transactions statements show that begin now: PostgreSQL's text of a pg_snapshot.
    pg::Expected<std::string> visible();

private:
    struct Round {
        std::optional<pg::Expected<query::Snapshot>> result;
    };
    pg::Expected<query::Snapshot> read();

    const std::string conninfo_;
    std::optional<pg::Connection> session_;  // of the caller that asks
    std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<Round> next_;  // that has not begun
    bool asking_ = false;
    std::mutex looking_;
    std::optional<pg::Connection> visible_session_;  // under looking_
};

}  // namespace atlas::primary
