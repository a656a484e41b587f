// SPDX-License-Identifier: Apache-2.0
//
// The role `stream`: the reader of the log for the followers of this process that store data.
//
//     up, serve → [ChangeStream] → StreamReader → followers of other services: analytics
//
// Lifetime   as Service; what the followers belong to starts before it and stops after it.
// Threading  as Service.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/service.h"
#include "app/services.h"
#include "app/stages.h"
#include "stream/primary_clock.h"
#include "stream/slot_lease.h"
#include "stream/stream_reader.h"
#include "stream/subscriber.h"

namespace atlas::app {

struct StreamFollower {
    stream::Subscriber& subscriber;
    std::function<void()> interrupt;  // has a call that waits return; from any thread
    // Why its data is not complete yet, as a sentence; empty: it is. From any thread.
    std::function<std::string()> incomplete = [] { return std::string(); };
    // Why it takes nothing at present, which it tries again, as a sentence; empty: it takes what
    // comes. From any thread.
    std::function<std::string()> failing = [] { return std::string(); };
    // Data points that it takes per second; nullopt: it does not count them. From any thread.
    std::function<std::optional<double>()> points_per_second = [] { return std::nullopt; };
};

class ChangeStream final : public Service {
public:
    // `conninfo` opens sessions of the owner, which has the right of replication.
    ChangeStream(std::string conninfo, std::vector<StreamFollower> followers,
                 const ProcessContext& process);

    void start() override;
    void stop() override;
    http::StatusPart status() const override;
    std::vector<http::StatusPart> stages() const override;
    std::vector<std::string> rebuild(std::string_view follower) override;

    // The lag of a follower as that of a source of reads: unknown while its data is not complete.
    // The stream outlives it.
    std::unique_ptr<route::Lag> lag_of(std::string_view follower) const;

    // Where this process is found over HTTP, for those that ask who has the slot.
    void move_to(std::string url);
    // Whether another process reads the log for the followers of this one.
    bool stands_by() const;

    // How far a follower is; nullopt: there is none of that name.
    std::optional<stream::ReaderStatus::Follower> follower(std::string_view name) const;

private:
    stream::ReaderStatus read() const;

    const config::Config& config_;
    const std::vector<StreamFollower> followers_;
    stream::PrimaryClock primary_;
    std::optional<stream::SlotLease> lease_;  // none without followers
    std::optional<stream::StreamReader> reader_;
};

}  // namespace atlas::app
