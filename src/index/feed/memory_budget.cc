// SPDX-License-Identifier: Apache-2.0
#include "index/feed/memory_budget.h"

#include <algorithm>

namespace atlas::index {
namespace {

// How often the pause doubles at most, so that it does not overflow.
constexpr int kMostDoublings = 20;

bool goes_first(const TenantUse& one, const TenantUse& other) {
    return one.last_read != other.last_read ? one.last_read < other.last_read
                                            : one.bytes > other.bytes;
}

std::size_t total(const std::vector<TenantUse>& tenants) {
    std::size_t bytes = 0;
    for (const TenantUse& one : tenants) bytes += one.bytes;
    return bytes;
}

}  // namespace

std::vector<TenantUse> MemoryBudget::excess(std::vector<TenantUse> tenants) const {
    std::size_t used = total(tenants);
    std::erase_if(tenants, &TenantUse::left_out);
    std::ranges::sort(tenants, goes_first);
    auto rest = tenants.begin();
    for (; rest != tenants.end() && used > bytes_; ++rest) used -= std::min(used, rest->bytes);
    tenants.erase(rest, tenants.end());
    return tenants;
}

void MemoryBudget::left(TenantId tenant, std::size_t bytes, Clock::Steady now) {
    Left& left = left_[tenant];
    left.bytes = std::max(left.bytes, bytes);
    const auto pause = shortest_pause_ * (1U << std::min(left.times, kMostDoublings));
    left.not_before = now + std::min<std::chrono::milliseconds>(pause, kLongestPause);
    ++left.times;
}

std::optional<MemoryBudget::Return> MemoryBudget::next(const std::vector<TenantUse>& tenants,
                                                       Clock::Steady now, Time wall) {
    if (left_.size() >
        static_cast<std::size_t>(std::ranges::count_if(tenants, &TenantUse::left_out))) {
        std::erase_if(left_, [&](const auto& one) {  // those that are gone for good
            return !std::ranges::binary_search(tenants, one.first, {}, &TenantUse::tenant);
        });
    }
    const TenantUse* wanted = nullptr;
    for (const TenantUse& one : tenants) {
        if (!one.left_out || wall - one.last_read > kIdle || now < left_[one.tenant].not_before) {
            continue;
        }
        if (wanted == nullptr || one.last_read > wanted->last_read) wanted = &one;
    }
    if (wanted == nullptr) return std::nullopt;

    // It may have grown meanwhile.
    const std::size_t known = left_[wanted->tenant].bytes;
    const std::size_t needed = known + known / 8;
    std::size_t used = total(tenants);
    Return found{.tenant = wanted->tenant, .instead_of = {}};
    if (used + needed <= bytes_) return found;
    std::vector<TenantUse> idle;
    for (const TenantUse& one : tenants) {
        if (!one.left_out && wall - one.last_read > kIdle) idle.push_back(one);
    }
    std::ranges::sort(idle, goes_first);
    for (const TenantUse& one : idle) {
        found.instead_of.push_back(one);
        used -= std::min(used, one.bytes);
        if (used + needed <= bytes_) return found;
    }
    return std::nullopt;
}

}  // namespace atlas::index
