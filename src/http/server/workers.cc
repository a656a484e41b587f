// SPDX-License-Identifier: Apache-2.0
#include "http/server/workers.h"

namespace atlas::http {

Workers::Workers(std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

bool Workers::submit(std::function<void()> job) {
    {
        const std::scoped_lock lock(mutex_);
        if (stopped_ || queue_.size() >= queue_limit_) return false;
        queue_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void Workers::run() {
    for (;;) {
        std::function<void()> job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
            if (stopped_) return;
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        job();
    }
}

void Workers::stop() {
    std::deque<std::function<void()>> dropped;
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        dropped.swap(queue_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t Workers::queued() const {
    const std::scoped_lock lock(mutex_);
    return queue_.size();
}

bool ByteBudget::Share::grow_to(std::size_t bytes) {
    if (bytes <= held_) return true;
    const std::size_t more = bytes - held_;
    const std::size_t before = budget_.taken_.fetch_add(more, std::memory_order_relaxed);
    if (before + more > budget_.limit_) {
        budget_.taken_.fetch_sub(more, std::memory_order_relaxed);
        return false;
    }
    held_ = bytes;
    return true;
}

}  // namespace atlas::http
