// SPDX-License-Identifier: Apache-2.0
//
// Follows the log of a database and hands it to the followers of this process.
//
//     slot → ReplicationSession → PgoutputDecoder → [StreamReader] → Fanout → Subscriber
//
// One session at a time. Before each, the reader compares the server's identity, the slot and the
// followers' checkpoints (slot_state.h); a follower with a gap is left out until rebuild(). A
// session that ends for a reason that passes, such as a restart of PostgreSQL, is followed by
// another one, with a growing pause. The slot is confirmed behind the lowest checkpoint, never
// above what this session has received.
//
// Lifetime   start() once, stop() once; the destructor stops. Subscribers, holder, clocks and
//            registry outlive it.
// Threading  a thread of its own, on which all subscribers are called; start(), stop() from one
//            thread, the rest from any, without blocking.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/rate.h"
#include "pg/replication.h"
#include "stream/doorbell.h"
#include "stream/fanout.h"
#include "stream/pgoutput_decoder.h"
#include "stream/primary_clock.h"
#include "stream/slot_lease.h"

namespace atlas::stream {

struct ReaderOptions {
    std::string conninfo;         // of a role with REPLICATION that may read the catalog
    std::string role = "stream";  // a label of metrics
    std::string publication = "eav_cdc";
    // Whether followers with a gap start over by themselves, as those do whose slot is dropped with
    // its lease; else they wait for rebuild().
    bool starts_over = false;
    // Between two sessions; the pause doubles from the first to the second.
    std::chrono::milliseconds shortest_pause{100};
    std::chrono::milliseconds longest_pause{5000};
    // How soon a reader that cannot follow looks again.
    std::chrono::milliseconds recheck{30'000};
};

enum class ReaderState : std::uint8_t {
    connecting,  // no session yet, or again
    streaming,
    standby,      // another process has the slot
    unavailable,  // the server or the role cannot stream
    stopped,      // an operator has to act
};
std::string_view to_string(ReaderState state);

struct ReaderStatus {
    ReaderState state = ReaderState::connecting;
    std::string detail = {};  // why; empty: all is well
    std::optional<Position> received = {};
    std::uint64_t retained_bytes = 0;  // of the server's log, for this slot
    double transactions_per_second = 0;
    double rows_per_second = 0;
    struct Follower : FollowerState {
        // The age of the oldest commit that it has not applied, by the primary's clock; zero when
        // it has applied everything; nullopt: unknown.
        std::optional<double> lag_seconds = {};
    };
    std::vector<Follower> followers = {};
};

class StreamReader {
public:
    // The slot is the holder's; it is made where it does not exist.
    StreamReader(ReaderOptions options, const std::vector<Subscriber*>& subscribers,
                 const SlotHolder& holder, const PrimaryClock& primary, observe::Registry& registry,
                 const Clock& clock);
    StreamReader(const StreamReader&) = delete;
    StreamReader& operator=(const StreamReader&) = delete;
    ~StreamReader();

    void start();
    // Blocks until the call of a subscriber that runs has returned.
    void stop();

    ReaderStatus status() const;
    // Has a follower forget its data and start over from the database; empty: all of them. False
    // when there is none of that name. Takes place soon after, on the reader's thread.
    bool rebuild(std::string_view follower);
    // Has the server say at once how far its log is, for those who wait for a position that no
    // commit ends at.
    void hurry();

private:
    void run();
    bool await_slot();
    Expected<void> follow();
    Error none_left() const;
    void say_once(const std::string& message);
    void say_lost(const std::string& message);
    Expected<void> check_server(pg::Connection& catalog);
    Expected<Position> prepare(std::optional<pg::ReplicationSession>& streaming,
                               pg::ServerIdentity& server);
    Expected<Lsn> make_slot(pg::ReplicationSession& session, bool exists);
    Error session_error(const pg::Error& error);
    Expected<void> receive(pg::ReplicationSession& session);
    Expected<void> handle(const pg::ReplicationMessage& message);
    Expected<void> hand_on(const Event& event);
    Expected<void> report(pg::ReplicationSession& session);
    Expected<void> idle(pg::ReplicationSession& session);
    Expected<void> carry_out_rebuilds();
    void set_state(ReaderState state, std::string detail);
    void pause(std::chrono::milliseconds time);
    bool move_to(Lsn lsn);
    std::optional<double> lag_of(const FollowerState& follower,
                                 std::optional<Position> received) const;

    const ReaderOptions options_;
    const SlotHolder& holder_;
    const PrimaryClock& primary_;
    const Clock& clock_;
    Fanout fanout_;

    // Of the session, on the reader's thread.
    std::string slot_;
    std::string said_;            // in the log, about a state that lasts
    std::string lost_for_;        // in the log, why a session ended
    bool lost_again_ = false;     // the last one for the same reason as the one before
    bool cannot_stream_ = false;  // the server or the role lacks something
    std::optional<PgoutputDecoder> decoder_;
    Transaction transaction_;
    std::int64_t timeline_ = 0;
    Lsn confirmed_;
    bool fresh_slot_ = false;     // after a rebuild: what the old slot holds is of no use
    bool reply_due_ = false;      // the server asked for a status
    bool request_reply_ = false;  // we want a keepalive
    Clock::Steady status_due_;
    Clock::Steady request_due_;  // when a keepalive may be asked for again
    bool advanced_ = false;      // since the session began something has arrived

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::set<std::string> rebuilds_;  // names; "" is all
    std::atomic<bool> leave_{false};  // stopping_, or a rebuild is due
    Doorbell hurried_;
    ReaderState state_ = ReaderState::connecting;
    std::string detail_;
    std::optional<Position> received_;

    observe::Counter transactions_;
    observe::Counter rows_;
    observe::Counter sessions_lost_;
    observe::Throttle lost_lines_{std::chrono::seconds{10}};
    observe::RateMeter transaction_rate_;
    observe::RateMeter row_rate_;
    observe::Reading streaming_;
    std::vector<std::unique_ptr<observe::Reading>> lags_;  // of the followers
    std::thread thread_;
};

}  // namespace atlas::stream
