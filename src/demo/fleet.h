// SPDX-License-Identifier: Apache-2.0
//
// A fleet of made-up devices: what each of them reports at any second, as telemetry.
//
//     [Fleet] → Feed → Feeder → POST /v1/telemetry
//
// No I/O, no clock and no memory: every value follows from seed, device and second. So a fleet that
// is started again continues as if it had never stopped, and repeating a second changes nothing.
//
// Threading  immutable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "demo/device.h"
#include "demo/noise.h"
#include "demo/scene.h"
#include "demo/timeline.h"

namespace atlas::demo {

class Fleet {
public:
    explicit Fleet(std::uint64_t seed);

    const std::vector<Device>& devices() const { return devices_; }
    // Whether the device has an observation at this second of Unix time, if it is not offline.
    bool due(const Device& device, std::int64_t second) const;
    Condition condition(const Device& device, std::int64_t second) const;

    // Appends the device's observation of a second at which it is due: what is measured, and of its
    // state what changed since the observation before. `complete` adds all of its state, as the
    // first observation must; so does the first of every minute, and of every hour what never
    // changes. Nothing is appended for a device that is offline and was so before. Returns the
    // number of data points. Cost: some microseconds.
    std::size_t observe(const Device& device, std::int64_t second, bool complete,
                        std::string& ndjson) const;

private:
    struct State;
    Scene scene(const Device& device, std::int64_t second) const;
    State state(const Device& device, std::int64_t second) const;
    void add_state(Line& line, const Device& device, const State& now, const State* before) const;
    void add_fixed(Line& line, const Device& device, std::int64_t second) const;
    void add_site(Line& line, const Device& site, std::int64_t second) const;

    Noise noise_;
    std::vector<Device> devices_;
    Timeline timeline_;
};

}  // namespace atlas::demo
