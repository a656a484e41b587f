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
#include "stream/primary_clock.h"
#include "stream/slot_lease.h"
#include "stream/stream_reader.h"
#include "stream/subscriber.h"

namespace atlas::app {

struct StreamFollower {
    stream::Subscriber& subscriber;
    std::function<void()> interrupt;  // has a call that waits return; from any thread
    // Adds to its stage what only it knows: its rate, how far a copy is. From any thread.
    std::function<void(http::StatusPart&)> describe = [](http::StatusPart&) {};
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

    // How far a follower is; nullopt: there is none of that name.
    std::optional<stream::ReaderStatus::Follower> follower(std::string_view name) const;

private:
    const config::Config& config_;
    const std::vector<StreamFollower> followers_;
    stream::PrimaryClock primary_;
    std::optional<stream::SlotLease> lease_;  // none without followers
    std::optional<stream::StreamReader> reader_;
};

}  // namespace atlas::app
