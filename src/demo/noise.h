// SPDX-License-Identifier: Apache-2.0
//
// Numbers that look random and follow from seed, channel and time alone. There is no state, so the
// fleet continues after a restart exactly where it would have been.
//
// A channel is one thing that varies by itself: a quantity of a device. Cost: a few
// multiplications.
//
// Threading  immutable; any thread.
#pragma once

#include <cstdint>

namespace atlas::demo {

class Noise {
public:
    explicit Noise(std::uint64_t seed) : seed_(seed) {}

    // Evenly spread over [0, 1), unrelated for every pair of channel and step.
    double pick(std::uint64_t channel, std::int64_t step) const;
    // Within [-1, 1] and continuous in `t`: a slow swing over some `period_s` seconds with faster
    // and smaller ones on top, as a measured value wanders.
    double wander(std::uint64_t channel, double t, double period_s) const;

private:
    double swing(std::uint64_t channel, double t) const;

    std::uint64_t seed_;
};

}  // namespace atlas::demo
