// SPDX-License-Identifier: Apache-2.0
#include "demo/timeline.h"

#include <algorithm>
#include <cmath>

namespace atlas::demo {
namespace {

constexpr std::int64_t kSlot_s = 60;
constexpr std::int64_t kLongest_s = 600;
constexpr double kRamp_s = 45;
constexpr std::uint64_t kChannel = 0x71AE;

double ramp(std::int64_t seconds) {
    return std::clamp(static_cast<double>(seconds) / kRamp_s, 0.0, 1.0);
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

// Seconds of each phase, in this order; any may be zero.
struct Timeline::Incident {
    std::size_t device = 0;
    std::int64_t begin = 0;
    std::int64_t degraded_s = 0;
    std::int64_t maintenance_s = 0;
    std::int64_t offline_s = 0;
};

std::string_view to_string(Status status) {
    switch (status) {
        case Status::online: return "online";
        case Status::degraded: return "degraded";
        case Status::maintenance: return "maintenance";
        case Status::offline: break;
    }
    return "offline";
}

Timeline::Incident Timeline::incident(std::int64_t slot) const {
    const auto pick = [&](std::uint64_t what) { return noise_.pick(kChannel + what, slot); };
    const auto between = [&](std::uint64_t what, double least, double most) {
        return std::llround(least + (most - least) * pick(what));
    };
    Incident found{.device = static_cast<std::size_t>(pick(0) * static_cast<double>(devices_)),
                   .begin = slot * kSlot_s + between(1, 0, kSlot_s - 1)};
    const double kind = pick(2);
    if (kind < 0.6) {
        found.degraded_s = between(3, 150, 320);
        found.maintenance_s = between(4, 60, 150);
    } else if (kind < 0.8) {
        found.maintenance_s = between(4, 120, 360);
    } else {
        found.offline_s = between(5, 90, 420);
    }
    return found;
}

Condition Timeline::at(std::size_t device, std::int64_t second) const {
    const std::int64_t now = floor_div(second, kSlot_s);
    for (std::int64_t slot = now - kLongest_s / kSlot_s - 1; slot <= now; ++slot) {
        const Incident found = incident(slot);
        std::int64_t since = second - found.begin;
        if (found.device != device || since < 0) continue;
        if (since < found.degraded_s) {
            const double part = static_cast<double>(since) / static_cast<double>(found.degraded_s);
            return {.status = Status::degraded, .severity = part};
        }
        since -= found.degraded_s;
        if (since < found.maintenance_s) {
            const double fading = found.degraded_s > 0 ? 1 - ramp(since) : 0;
            return {.status = Status::maintenance,
                    .severity = fading,
                    .running = std::max(1 - ramp(since), 1 - ramp(found.maintenance_s - since))};
        }
        since -= found.maintenance_s;
        if (since < found.offline_s) return {.status = Status::offline, .running = 0};
    }
    return {};
}

}  // namespace atlas::demo
