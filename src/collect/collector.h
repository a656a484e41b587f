// SPDX-License-Identifier: Apache-2.0
//
// Collects the telemetry of this machine and posts it, like any client.
//
//     /proc, /sys → sources → Recorder → Sender → POST /v1/telemetry
//
// The host's main figures every second, its several hundred others and its processes every ten;
// processors, disks and interfaces every two and rarer where there are many, and of these only what
// changed.
//
// Lifetime   start() creates two threads (reading, sending), stop() ends them within about two
//            seconds.
// Threading  start() and stop() from one thread; totals() from any. A Survey is one thread's.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "client/http_client.h"
#include "collect/recorder.h"
#include "collect/sender.h"
#include "collect/source.h"

namespace atlas::collect {

struct CollectorOptions {
    client::Options server;
    std::string host;  // the entity; empty: the machine's name
    Roots roots;
    Sender::Say say;  // see Sender; may be empty
};

// What one tick of the collector writes: the sources and their timetable, without threads or clock.
class Survey {
public:
    Survey(std::string host, const Roots& roots);

    // What is due in this second; tick 0 is the first. Reads /proc and /sys, some milliseconds.
    Report tick(std::uint64_t tick, const Moment& now);
    // Entities that the server shows as present, from a run before: those that the next tick does
    // not find are written as gone.
    void adopt(std::span<const std::string> entities);

private:
    void write_host(std::uint64_t tick, const Moment& now);

    struct Entry {
        std::unique_ptr<Source> source;
        std::uint64_t due = 0;  // tick of the next write_entities
    };
    std::string host_;
    Recorder recorder_;
    std::vector<Entry> sources_;
};

class Collector {
public:
    explicit Collector(CollectorOptions options);
    ~Collector();

    void start();
    void stop();
    Sender::Totals totals() const { return sender_.totals(); }
    const std::string& host() const { return host_; }

private:
    void run();
    bool wait_until(std::chrono::steady_clock::time_point when);
    void adopt_present();

    CollectorOptions options_;
    std::string host_;
    Survey survey_;
    Sender sender_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
};

// This machine's name, as the kernel has it; "localhost" without one.
std::string host_name();

}  // namespace atlas::collect
