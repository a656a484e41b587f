// SPDX-License-Identifier: Apache-2.0
//
// A device at an instant: what its site demands of it, its condition, and the values that follow.
//
//     Noise, Timeline → [Scene] → Line
//
// Values belong together as they do in a plant: demand follows the hour of the day, flow, current
// and heat follow demand, and a fault shows in vibration and temperature before it raises an alarm.
//
// Lifetime   borrows noise and device, for one observation.
// Threading  pure functions; any thread.
#pragma once

#include "demo/device.h"
#include "demo/line.h"
#include "demo/noise.h"
#include "demo/timeline.h"

namespace atlas::demo {

// What all devices of a site have in common.
struct Weather {
    double outdoor_celsius = 0;
    double sun = 0;     // 0 at night, at most 1
    double demand = 0;  // share of what the site can do, 0 to 1
};
Weather weather_at(const Noise& noise, std::size_t site, double t);

struct Scene {
    const Noise& noise;
    const Device& device;
    Condition condition;
    double t = 0;  // Unix time in seconds
    Weather weather;

    // Within [-1, 1]; `quantity` tells the device's channels apart.
    double wander(unsigned quantity, double period_s) const;
    // Fixed for the device, in [0, 1).
    double trait(unsigned quantity) const;
    // Share of the nominal load; 0 when it does not run.
    double load() const;
};

// Electrical power in watts.
double power_of(const Scene& scene);
// The values that are measured all the time; not for Kind::site, nor for a device that is offline.
void add_measurements(Line& line, const Scene& scene);
// "driving", …
std::string_view activity_of(const Scene& scene);
// Supply temperature that a chiller is set to, in °C.
double setpoint_of(const Scene& scene);
std::string_view fault_of(Kind kind);   // a few words
std::string_view limits_of(Kind kind);  // JSON

}  // namespace atlas::demo
