// SPDX-License-Identifier: Apache-2.0
//
// Writes the demonstration fleet to an Atlas, through the public API like any client.
//
//     Feed → [Feeder] → Sender → PUT /v1/attributes/{name} · POST /v1/telemetry
//
// Lifetime   start() creates two threads (feeding, sending), stop() ends them within about two
//            seconds.
// Threading  start() and stop() from one thread; totals() from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "client/http_client.h"
#include "collect/sender.h"
#include "demo/feed.h"

namespace atlas::demo {

class Feeder {
public:
    // For `say` see collect::Sender.
    Feeder(client::Options server, std::uint64_t seed, collect::Sender::Say say);
    ~Feeder();

    void start();
    void stop();
    collect::Sender::Totals totals() const { return sender_.totals(); }

private:
    void run();
    bool adopt_all();
    bool wait_until(std::chrono::system_clock::time_point when);

    client::Options server_;
    Feed feed_;
    collect::Sender sender_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
};

}  // namespace atlas::demo
