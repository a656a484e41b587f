// SPDX-License-Identifier: Apache-2.0
//
// Fills an empty index from the database, in parts, between transactions of the log; or one tenant
// of it that was left out.
//
//     PostgreSQL → [InitialLoad] → RowReader → LiveIndex        Follower: delivered(), step()
//
// A part is the next entities by id, read in a short snapshot of its own. The slot comes first, and
// the log is applied from there on, to what is loaded and what is not. That is enough, because what
// the log brings is whole rows and the last one wins:
//
//     before a part    its snapshot shows every transaction that was applied, so its rows are newer
//     after it         the log brings what its snapshot shows again, and ends with the same rows
//
// A commit is in the log a moment before snapshots show it, so a part waits for a snapshot that
// shows what was delivered. Of one tenant, changes were ignored until the load began, so the first
// part waits for all transactions that ran then. Meanwhile rows may go back in time; the index is
// as the database was at the position of the log once that has passed after(), where the log ended
// when the last part had been read.
//
// Lifetime   index and rows outlive it; the session is its own.
// Threading  the writer's thread of the index; loaded() from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/lsn.h"
#include "index/feed/row_reader.h"
#include "pg/connection.h"
#include "stream/copy_snapshot.h"
#include "stream/subscriber.h"

namespace atlas::index {

class InitialLoad {
public:
    InitialLoad(std::string conninfo, std::int64_t part_rows)
        : conninfo_(std::move(conninfo)), part_rows_(part_rows) {}

    // From the first entity on, of one tenant or of all.
    void begin(std::optional<TenantId> tenant = std::nullopt);
    // A transaction of the log that will be applied.
    void delivered(std::uint32_t xid);
    enum class Step : std::uint8_t {
        loaded,     // a part, which the caller commits to the index
        too_early,  // a transaction that has to be visible is not yet
        finished,   // nothing is left, nor was there anything
    };
    // Not within a transaction of the log. Blocks for the statements of one part.
    stream::Expected<Step> step(RowReader& rows);
    bool finished() const { return finished_; }
    // Nothing is loaded any more; ends the session.
    void end();

    // From where on the index is as the database was; of a load that has finished.
    Lsn after() const { return after_; }
    std::int64_t loaded() const { return loaded_.load(std::memory_order_relaxed); }

private:
    enum class What : std::uint8_t {
        entities,   // of all tenants, by id
        states,     // of one tenant, by id
        stateless,  // its entities without a state, by name
    };
    stream::Expected<bool> take_snapshot();
    stream::Expected<Step> read_part(RowReader& rows);
    void go_on(const pg::Rows& part);

    const std::string conninfo_;
    const std::int64_t part_rows_;
    std::optional<pg::Connection> session_;
    std::optional<TenantId> tenant_;
    What what_ = What::entities;
    bool begun_ = false;                    // a snapshot was taken
    std::vector<std::uint32_t> delivered_;  // since a snapshot showed all of them
    std::int64_t last_ = INT64_MIN;         // the last entity of the part before
    std::string last_name_;
    Lsn after_;
    bool finished_ = true;
    std::atomic<std::int64_t> loaded_{0};
};

}  // namespace atlas::index
