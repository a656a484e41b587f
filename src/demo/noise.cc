// SPDX-License-Identifier: Apache-2.0
#include "demo/noise.h"

#include <cmath>

namespace atlas::demo {
namespace {

// The finalizer of splitmix64 (Steele, Lea, Flood, 2014).
std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
}

}  // namespace

double Noise::pick(std::uint64_t channel, std::int64_t step) const {
    const std::uint64_t hash = mixed(mixed(mixed(seed_ + 0x9E3779B97F4A7C15ULL) + channel) +
                                     static_cast<std::uint64_t>(step));
    return static_cast<double>(hash >> 11U) * 0x1p-53;
}

// Value noise: a random height at every whole `t`, eased from one to the next.
double Noise::swing(std::uint64_t channel, double t) const {
    const double step = std::floor(t);
    const double x = t - step;
    const double ease = x * x * (3 - 2 * x);
    const double from = pick(channel, static_cast<std::int64_t>(step));
    const double to = pick(channel, static_cast<std::int64_t>(step) + 1);
    return 2 * (from + (to - from) * ease) - 1;
}

double Noise::wander(std::uint64_t channel, double t, double period_s) const {
    const double u = t / period_s;
    return 0.6 * swing(channel, u) + 0.3 * swing(channel, 4.7 * u) + 0.1 * swing(channel, 19.3 * u);
}

}  // namespace atlas::demo
