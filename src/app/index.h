// SPDX-License-Identifier: Apache-2.0
//
// The role `index`: the current state of every entity in the memory of this process, and the
// follower of the log that keeps it so.
//
//     up, serve → [Index] → LiveIndex ◄─ Follower ◄─ StreamReader ◄─ slot of this process
//                               └─► IndexAnswers → gateway
//
// Lifetime   as Service; starts before the gateway and stops after it. The process context outlives
//            it.
// Threading  as Service.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/service.h"
#include "app/services.h"
#include "index/feed/follower.h"
#include "index/live_index.h"
#include "route/source.h"
#include "stream/primary_clock.h"
#include "stream/slot_lease.h"
#include "stream/stream_reader.h"

namespace atlas::app {

class Index final : public Service {
public:
    // `conninfo` opens sessions of the owner, which has the right of replication.
    Index(const std::string& conninfo, const ProcessContext& process);

    void start() override;
    void stop() override;
    http::StatusPart status() const override;
    std::vector<http::StatusPart> stages() const override;
    std::vector<std::string> rebuild(std::string_view follower) override;

    // Where the process is found over HTTP: its successor there drops the slot that it leaves.
    void move_to(std::string url) { lease_.move_to(std::move(url)); }

    index::LiveIndex& index() { return index_; }
    index::Follower& follower() { return follower_; }
    stream::StreamReader& reader() { return reader_; }
    const stream::PrimaryClock& primary() const { return primary_; }
    const config::Config& config() const { return config_; }

private:
    http::StatusPart part() const;

    const config::Config& config_;
    index::LiveIndex index_;
    stream::PrimaryClock primary_;
    stream::SlotLease lease_;
    index::Follower follower_;
    stream::StreamReader reader_;
    std::vector<std::unique_ptr<observe::Reading>> readings_;
};

}  // namespace atlas::app
