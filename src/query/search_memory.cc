// SPDX-License-Identifier: Apache-2.0
#include "query/search_memory.h"

namespace atlas::query {

bool SearchMemory::contains(std::size_t question) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(question);
    return found != known_.end() && Clock::now() - found->second < kKept;
}

void SearchMemory::add(std::size_t question) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMost) known_.clear();
    known_.insert_or_assign(question, Clock::now());
}

void SearchMemory::tell_duration(std::size_t question, Clock::duration took) {
    if (took < kLong) return;
    const std::lock_guard lock(mutex_);
    known_.erase(question);
}

}  // namespace atlas::query
