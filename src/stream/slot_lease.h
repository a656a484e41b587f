// SPDX-License-Identifier: Apache-2.0
//
// Which slot a reader of this process may read, and that the others know.
//
//     stream_slots, advisory lock → [SlotLease] → StreamReader
//
// A durable role, whose follower stores data, has one slot per database, and one process that reads
// it: the one whose session holds an advisory lock. When that process ends another one takes over
// within a second or two; when it lives and says nothing for kStalled, because it was stopped, its
// sessions are ended first. Such a slot is never dropped here.
// Any other role has a slot per process. It is dropped at the end; of a process that was killed by
// its successor at the same address, or by the jobs' leader once the lease is over
// (stale_slots.h). Its followers then start over.
//
// Lifetime   start() before the reader, stop() after it, each once; the destructor stops. Registry
//            and clock outlive it.
// Threading  a thread of its own with a session of its own; holding() and measured() from any,
//            without blocking.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "pg/connection.h"
#include "stream/slot_state.h"

namespace atlas::stream {

struct Holding {
    enum class State : std::uint8_t {
        held,
        standby,      // another process has it
        unreachable,  // the database does not say
    };
    State state = State::unreachable;
    std::string slot = {};    // its name, where that is known
    std::string detail = {};  // why it is not held
};

class SlotHolder {
public:
    SlotHolder() = default;
    SlotHolder(const SlotHolder&) = delete;
    SlotHolder& operator=(const SlotHolder&) = delete;
    virtual ~SlotHolder() = default;

    virtual Holding holding() const = 0;
    // The slot, as it was a moment ago; nullopt: it does not exist, or is not known.
    virtual std::optional<SlotState> measured() const = 0;
};

struct LeaseOptions {
    std::string conninfo;  // of a role with REPLICATION and the rights of a gateway
    std::string role;      // lower-case letters, digits and underscores, at most 16
    // Where this process is found; no two live processes of a role share one. See move_to().
    std::string address;
    bool durable = false;
};

class SlotLease final : public SlotHolder {
public:
    // How often a process looks whether it is its turn, and whether its session lives.
    static constexpr std::chrono::milliseconds kLook{1000};
    // How often an owner says that it lives.
    static constexpr std::chrono::milliseconds kRenew{5000};
    // How long an owner of a durable role may be silent.
    static constexpr std::chrono::milliseconds kStalled{15'000};
    // Retained log above which a slot is worth a line in the log of the process.
    static constexpr std::uint64_t kAlarmBytes = std::uint64_t{1} << 30U;

    SlotLease(LeaseOptions options, observe::Registry& registry, const Clock& clock);
    ~SlotLease() override;

    void start();
    // Blocks for at most a few seconds; a slot that is not durable is dropped.
    void stop();

    // Where this process is found from now on; known to the others within a second or so.
    void move_to(std::string address);

    Holding holding() const override;
    std::optional<SlotState> measured() const override;

private:
    void watch();
    Holding look();
    pg::Expected<Holding> ask();
    pg::Expected<void> renew();
    pg::Expected<void> drop_predecessors(const std::string& address);
    pg::Expected<void> drop(std::string_view slot);
    pg::Expected<void> end_stalled();
    void measure();
    void give_up();

    const LeaseOptions options_;
    const Clock& clock_;
    const std::string owner_;
    std::optional<pg::Connection> session_;  // of the thread
    std::string slot_;                       // known from the first session on
    Clock::Steady successor_until_{};        // until then predecessors are looked for
    std::string said_address_;               // by the last renewal
    Clock::Steady renew_due_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::string address_;
    Holding holding_;
    std::optional<SlotState> measured_;
    bool stopping_ = false;
    observe::Gauge retained_;
    observe::Event over_limit_;
    std::thread thread_;
};

// The address of the process that reads for a durable role, where that is one of HTTP; nullopt:
// there is none, or it has said nothing for kStalled.
pg::Expected<std::optional<std::string>> find_role(pg::Connection& connection,
                                                   std::string_view role);

}  // namespace atlas::stream
