// SPDX-License-Identifier: Apache-2.0
//
// The devices of the fleet: sixteen at each of three sites, and the site itself.
//
// Threading  plain data; pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "demo/noise.h"

namespace atlas::demo {

struct Site {
    std::string_view name;
    std::string_view prefix;  // of the names of its devices
    double latitude;
    double longitude;
    double mean_celsius;
    double utc_hours;
};

inline constexpr std::array kSites{Site{"hamburg", "ham", 53.5413, 9.9661, 12, 1},
                                   Site{"porto", "por", 41.1820, -8.6891, 17, 0},
                                   Site{"gdansk", "gda", 54.3925, 18.6784, 10, 1}};

// `site` is last: sites have no incidents.
enum class Kind : std::uint8_t { pump, compressor, chiller, vehicle, server, site };
std::string_view to_string(Kind kind);  // the entity type
// Seconds between two observations.
std::int64_t interval_s(Kind kind);

struct Device {
    std::size_t number = 0;  // in the fleet
    std::string name;        // the entity: "ham-pump-1"
    Kind kind = Kind::pump;
    std::size_t site = 0;  // of kSites
    std::string model = {};
    std::string firmware = {};
    bool lost = false;  // permanently offline
};

// All devices, in the order of their numbers; models and firmware follow from the noise.
std::vector<Device> make_devices(const Noise& noise);

}  // namespace atlas::demo
