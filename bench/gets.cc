// SPDX-License-Identifier: Apache-2.0
#include "bench/gets.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

namespace atlas::bench {

using Clock = std::chrono::steady_clock;

std::int64_t pick(std::minstd_rand& random, std::int64_t count) {
    return static_cast<std::int64_t>(random()) % count;
}

// GETs `target(random)` for a time from several connections; latencies in ms.
std::vector<double> get_repeatedly(const Server& server, int clients, double seconds,
                                   const std::string& tenant, Report& report,
                                   const std::function<std::string(std::minstd_rand&)>& target) {
    std::vector<double> all;
    std::mutex mutex;
    std::atomic<bool> failed{false};
    const auto end =
        Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(clients));
    for (int i = 0; i < clients; ++i) {
        threads.emplace_back([&, i] {
            auto client = server.client(tenant);
            std::minstd_rand random(static_cast<unsigned>(i + 1));
            std::vector<double> mine;
            while (Clock::now() < end) {
                const std::string path = target(random);
                const auto begin = Clock::now();
                const auto response = client.send({.target = path});
                mine.push_back(milliseconds_since(begin));
                if (!response || response->status != 200) {
                    failed = true;
                    break;
                }
            }
            const std::lock_guard lock(mutex);
            all.insert(all.end(), mine.begin(), mine.end());
        });
    }
    for (std::thread& thread : threads) thread.join();
    if (failed) report.wrong("a read did not return 200");
    return all;
}

}  // namespace atlas::bench
