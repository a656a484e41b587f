// SPDX-License-Identifier: Apache-2.0
#include "primary/search_memory.h"

namespace atlas::primary {

bool SearchMemory::contains(std::size_t question) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(question);
    return found != known_.end() && clock_.steady() - found->second < kKept;
}

void SearchMemory::tell(std::size_t question, std::chrono::steady_clock::duration took) {
    const auto now = clock_.steady();
    const std::lock_guard lock(mutex_);
    if (took >= kLong) {
        known_.erase(question);
        return;
    }
    if (known_.size() >= kMost) known_.clear();
    const auto [known, fresh] = known_.try_emplace(question, now);
    if (!fresh && now - known->second >= kKept) known->second = now;
}

}  // namespace atlas::primary
