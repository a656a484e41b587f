// SPDX-License-Identifier: Apache-2.0
//
// Which database server the primary is: its system, its timelines, how far its log is known to go.
// Issues consistency tokens for it and judges those that come back.
//
//     pool → refresh() → [ServerIdentity] ← issue() ← writes, reads
//                               └─ accept() → Demand::floor
//
// What every write and read of this process has seen of the log counts, so a token that it issued
// itself costs no round trip. A token beyond that is good only when the server, asked at once,
// has that much log. The history of timelines comes over a replication session, when the server
// has been promoted: without the right REPLICATION tokens of earlier timelines count as lost.
//
// Lifetime   pool and clock outlive it.
// Threading  any thread. issue() does not block; accept() and refresh() for a round trip, after a
//            promotion for a second session too.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "pg/pool.h"
#include "query/server_history.h"
#include "query/token_desk.h"

namespace atlas::primary {

class ServerIdentity final : public query::TokenDesk {
public:
    // `history_conninfo` opens a replication session.
    ServerIdentity(pg::Pool& pool, std::string history_conninfo, const Clock& clock)
        : pool_(pool), history_conninfo_(std::move(history_conninfo)), clock_(clock) {}

    // Asks the server. Called at the start; later by accept(), for a token that it cannot judge,
    // and where what is known is older than kTrusted. Calls that wait for one another share a
    // response.
    pg::Expected<void> refresh();
    static constexpr std::chrono::seconds kTrusted{5};

    // Before the first refresh() the token is a bare LSN, of whatever timeline it will be read on.
    std::string issue(LogPosition position) override;
    query::Answer<Accepted> accept(std::string_view token) override;

    // Everything that is known to be on disk at the primary; zero before the first refresh().
    LogPosition flushed() const;

private:
    struct Known {
        std::shared_ptr<const query::ServerHistory> history;  // nullptr: nothing is known
        Lsn flushed;
        bool incomplete = false;  // the history could not be read
        bool outdated = false;    // a later timeline was seen
        Clock::Steady asked_history{};
        Clock::Steady asked{};
    };
    pg::Expected<void> ask();
    Known known() const;
    void saw(LogPosition position);
    std::shared_ptr<const query::ServerHistory> read_history(std::string system_id,
                                                             std::int64_t timeline,
                                                             bool& incomplete) const;

    pg::Pool& pool_;
    const std::string history_conninfo_;
    const Clock& clock_;
    std::mutex refreshing_;
    std::chrono::steady_clock::time_point last_began_{};  // guarded by refreshing_, as its result
    pg::Expected<void> last_result_{};
    mutable std::mutex mutex_;
    Known known_;
};

}  // namespace atlas::primary
