// SPDX-License-Identifier: Apache-2.0
//
// Where a vehicle is: it drives loops around its site, stops to load after each trip, and charges
// after some hours. Distance is the integral of speed, but for the wavering of the pedal.
//
// Lifetime   borrows the scene.
// Threading  immutable; any thread.
#pragma once

#include <string_view>

#include "demo/line.h"

namespace atlas::demo {

struct Scene;

class Trip {
public:
    // `scene` outlives it.
    explicit Trip(const Scene& scene);

    void add(Line& line) const;
    std::string_view activity() const;
    double power() const;
    bool charging() const { return charged_ > 0; }

private:
    const Scene& scene_;
    double driven_part_ = 0;  // of the present trip, 0 to 1; 1 while it loads
    double charged_ = 0;      // of the present charging, 0 while it drives
    double empty_ = 0;        // of the time between two chargings, 0 to 1
    double trip_km_ = 0;
    double distance_km_ = 0;
};

}  // namespace atlas::demo
