// SPDX-License-Identifier: Apache-2.0
//
// The memory of one request, counted in the total of all requests from its arrival until it is
// freed. That may be long after its response: while the database hangs, writers hold the request.
//
// Lifetime   a member of what holds the memory; the total outlives it.
// Threading  the charge has one owner; the total is shared.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

namespace atlas::ingest {

class MemoryCharge {
public:
    MemoryCharge() = default;
    MemoryCharge(std::atomic<std::size_t>& total, std::size_t bytes)
        : total_(&total), bytes_(bytes), before_(total.fetch_add(bytes)) {}
    MemoryCharge(MemoryCharge&& other) noexcept
        : total_(std::exchange(other.total_, nullptr)),
          bytes_(other.bytes_),
          before_(other.before_) {}
    MemoryCharge& operator=(MemoryCharge&& other) noexcept {
        std::swap(total_, other.total_);
        std::swap(bytes_, other.bytes_);
        std::swap(before_, other.before_);
        return *this;
    }
    ~MemoryCharge() {
        if (total_ != nullptr) total_->fetch_sub(bytes_);
    }

    // The total before this charge was added.
    std::size_t before() const { return before_; }
    std::size_t bytes() const { return bytes_; }
    // The memory turned out to be more; less changes nothing.
    void grow_to(std::size_t bytes) {
        if (total_ == nullptr || bytes <= bytes_) return;
        total_->fetch_add(bytes - bytes_);
        bytes_ = bytes;
    }

private:
    std::atomic<std::size_t>* total_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t before_ = 0;
};

}  // namespace atlas::ingest
