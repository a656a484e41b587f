// SPDX-License-Identifier: Apache-2.0
//
// Delivers reports to Atlas from a thread of its own, and buffers them while the server is away.
//
//     Recorder → Report → [Sender] → PUT /v1/attributes/{name} · POST /v1/telemetry
//
// Reports leave in order, several in one request when they have piled up. At most kMaxPending bytes
// wait: then the oldest are dropped. Every line carries `at`, so repeating a request is safe.
//
// Lifetime   from start() to stop(), which delivers what it can within two seconds.
// Threading  push(), flush() and totals() from any thread; `say` is called from the sending one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "client/http_client.h"
#include "collect/recorder.h"

namespace atlas::collect {

class Sender {
public:
    static constexpr std::size_t kMaxPending = std::size_t{16} << 20U;  // bytes
    static constexpr std::size_t kMaxRequest = std::size_t{1} << 20U;   // bytes

    // Gets a sentence when deliveries begin to fail, work again, or are refused.
    using Say = std::function<void(const std::string&)>;

    Sender(client::Options options, Say say);
    ~Sender();

    void start();
    void stop();
    // Queues a report; never blocks on the network.
    void push(Report report);

    struct Totals {
        std::uint64_t delivered_points = 0;
        std::uint64_t refused_points = 0;
        std::uint64_t dropped_points = 0;  // the server was away for too long, or at the end
    };
    Totals totals() const;
    // Waits until everything pushed so far was delivered or dropped; false after `patience`.
    bool flush(std::chrono::milliseconds patience);

private:
    enum class Delivery : std::uint8_t { done, later };

    void run();
    Report next_request();
    Delivery deliver(const Report& report);
    Delivery declare_all(const Report& report);
    Delivery judge(const client::Response& response, const Report& report);
    void load_declared();
    void wait_before_retry();
    void fail(const std::string& reason);
    void put_back(Report report);

    client::HttpClient client_;
    Say say_;
    std::thread thread_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Report> pending_;
    std::size_t pending_bytes_ = 0;
    bool busy_ = false;
    bool stopping_ = false;
    Totals totals_;
    // Of the sending thread alone:
    std::set<std::string> declared_;
    bool declared_loaded_ = false;
    bool away_ = false;
    bool said_refused_ = false;
    std::chrono::milliseconds pause_{};
};

}  // namespace atlas::collect
