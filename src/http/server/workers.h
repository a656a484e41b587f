// SPDX-License-Identifier: Apache-2.0
//
// Threads that may block, fed by a bounded queue, and the budget of bytes that bodies may hold.
//
//     io thread → [Workers] → handler → io thread
//
// Threading  any thread; stop() once, not from a worker.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace atlas::http {

class Workers {
public:
    Workers(std::size_t threads, std::size_t queue_limit);
    ~Workers() { stop(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // False when the queue is full or stop() was called: the job will not run.
    bool submit(std::function<void()> job);
    // Lets running jobs end, drops waiting ones, joins.
    void stop();
    std::size_t queued() const;

private:
    void run();

    const std::size_t queue_limit_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

class ByteBudget {
public:
    explicit ByteBudget(std::size_t limit) : limit_(limit) {}

    std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

    // What one request holds; given back at its end.
    class Share {
    public:
        explicit Share(ByteBudget& budget) : budget_(budget) {}
        ~Share() { give_back(); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

        // Makes the share at least `bytes`; false when the budget has no more.
        bool grow_to(std::size_t bytes);
        void give_back() {
            budget_.taken_.fetch_sub(std::exchange(held_, 0), std::memory_order_relaxed);
        }

    private:
        ByteBudget& budget_;
        std::size_t held_ = 0;
    };

private:
    const std::size_t limit_;
    std::atomic<std::size_t> taken_{0};
};

}  // namespace atlas::http
