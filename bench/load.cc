// SPDX-License-Identifier: Apache-2.0
#include "bench/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <thread>

namespace atlas::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t number_after(std::string_view json, std::string_view key) {
    const auto at = json.find(key);
    if (at == std::string_view::npos) return 0;
    std::uint64_t number = 0;
    std::from_chars(json.data() + at + key.size(), json.data() + json.size(), number);
    return number;
}

// One connection: every n-th body, over and over.
class Sender {
public:
    Sender(const Server& server, Fleet& fleet, const LoadOptions& options, int index)
        : server_(server), fleet_(fleet), options_(options), index_(index) {}

    LoadResult run(Clock::time_point begin, Clock::time_point end) {
        result_.points_by_second.resize(
            static_cast<std::size_t>(std::chrono::ceil<std::chrono::seconds>(end - begin).count()));
        auto& bodies = fleet_.bodies();
        // A body belongs to one connection, so that its instants never repeat.
        const auto stride = static_cast<std::size_t>(options_.connections);
        std::size_t at = static_cast<std::size_t>(index_) % bodies.size();
        for (std::uint64_t sent = 0; Clock::now() < end; ++sent) {
            if (options_.requests_per_second > 0) pace(begin, sent);
            send(bodies[at], begin);
            at += stride;
            if (at >= bodies.size() && options_.once) break;
            if (at >= bodies.size()) at = static_cast<std::size_t>(index_) % bodies.size();
        }
        return std::move(result_);
    }

private:
    void pace(Clock::time_point begin, std::uint64_t sent) const {
        const double due =
            static_cast<double>(sent) * options_.connections / options_.requests_per_second;
        std::this_thread::sleep_until(begin + std::chrono::duration_cast<Clock::duration>(
                                                  std::chrono::duration<double>(due)));
    }

    void send(Body& body, Clock::time_point begin) {
        if (options_.advance) {
            options_.advance(body, random_);
        } else {
            fleet_.advance(body, random_);
        }
        const bool line = fleet_.shape().line_protocol;
        const client::Headers tenant{{"X-Atlas-Tenant", body.tenant}};
        for (;;) {
            const auto sent = Clock::now();
            const auto response =
                client_.send({.method = "POST",
                              .target = line ? "/write?precision=ms" : "/v1/telemetry",
                              .body = body.text,
                              .content_type = line ? "text/plain" : "application/x-ndjson",
                              .headers = tenant});
            const auto now = Clock::now();
            const int status = response ? response->status : 0;
            if (status == 429 || status == 503) {
                ++result_.retried;
                std::this_thread::sleep_for(std::chrono::milliseconds{20});
                continue;
            }
            if (status != 200 && status != 204) {
                if (result_.failed++ == 0) {
                    fmt::print("   response {}: {}\n", status,
                               response ? response->body.substr(0, 300) : response.error().detail);
                }
                return;
            }
            count(body, line, response->body, begin, now, now - sent);
            return;
        }
    }

    void count(const Body& body, bool line, std::string_view response, Clock::time_point begin,
               Clock::time_point now, Clock::duration took) {
        const auto points =
            line ? static_cast<std::uint64_t>(body.observations * fleet_.shape().points())
                 : number_after(response, "\"accepted\":");
        if (!line) result_.failed += number_after(response, "\"rejected\":");
        result_.points += points;
        result_.observations += static_cast<std::uint64_t>(body.observations);
        result_.latency_ms.push_back(std::chrono::duration<double, std::milli>(took).count());
        const auto second = static_cast<std::size_t>(
            std::chrono::duration_cast<std::chrono::seconds>(now - begin).count());
        if (second < result_.points_by_second.size()) result_.points_by_second[second] += points;
    }

    const Server& server_;
    Fleet& fleet_;
    const LoadOptions& options_;
    const int index_;
    client::HttpClient client_ = server_.client();
    std::minstd_rand random_{static_cast<unsigned>(index_ + 1)};
    LoadResult result_;
};

void add(LoadResult& sum, LoadResult&& part) {
    sum.points += part.points;
    sum.observations += part.observations;
    sum.retried += part.retried;
    sum.failed += part.failed;
    sum.latency_ms.insert(sum.latency_ms.end(), part.latency_ms.begin(), part.latency_ms.end());
    if (sum.points_by_second.size() < part.points_by_second.size()) {
        sum.points_by_second.resize(part.points_by_second.size());
    }
    for (std::size_t i = 0; i < part.points_by_second.size(); ++i) {
        sum.points_by_second[i] += part.points_by_second[i];
    }
}

}  // namespace

double LoadResult::resident_mb() const {
    return static_cast<double>(std::ranges::max(resident)) / 1e6;
}

double LoadResult::resident_growth_mb() const {
    const auto half = resident.begin() + static_cast<std::ptrdiff_t>(resident.size() / 2);
    if (half == resident.begin()) return 0;
    return static_cast<double>(*std::max_element(half, resident.end()) -
                               *std::max_element(resident.begin(), half)) /
           1e6;
}

LoadResult run_load(const Server& server, Fleet& fleet, const LoadOptions& wanted) {
    LoadOptions options = wanted;
    options.connections = std::min(options.connections, static_cast<int>(fleet.bodies().size()));
    LoadResult sum;
    std::mutex mutex;
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(options.seconds));
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(options.connections));
    for (int i = 0; i < options.connections; ++i) {
        threads.emplace_back([&, i] {
            LoadResult part = Sender(server, fleet, options, i).run(begin, end);
            const std::lock_guard lock(mutex);
            add(sum, std::move(part));
        });
    }
    std::atomic<bool> done{false};
    std::thread watcher([&] {
        // Samples at a pace of their own.
        while (!done) {
            sum.resident.push_back(server.resident_bytes());
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
    });
    for (std::thread& thread : threads) thread.join();
    done = true;
    watcher.join();
    sum.seconds = seconds_since(begin);
    return sum;
}

}  // namespace atlas::bench
