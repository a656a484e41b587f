// SPDX-License-Identifier: Apache-2.0
#include "demo/vehicle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "demo/scene.h"

namespace atlas::demo {
namespace {

constexpr double kEpoch_s = 1767225600;  // 2026-01-01, when all odometers were read
constexpr double kTrip_s = 420;          // driving and loading
constexpr double kDriving_s = 300;
constexpr double kCharging_s = 900;
constexpr double kCycle_s = 11 * kTrip_s + kCharging_s;  // it charges after a whole trip
constexpr double kFull = 96;
constexpr double kEmpty = 28;
constexpr double kLatitudeDegree_km = 111.2;

double eased(double x) {
    return x * x * (3 - 2 * x);
}

}  // namespace

Trip::Trip(const Scene& scene) : scene_(scene), trip_km_(2 + 1.2 * scene.trait(5)) {
    const double since = scene.t - kEpoch_s + kCycle_s * scene.trait(6);
    const double cycle = std::floor(since / kCycle_s);
    const double in_cycle = since - cycle * kCycle_s;
    const double driving = std::min(in_cycle, kCycle_s - kCharging_s);
    charged_ = std::max(0.0, in_cycle - driving) / kCharging_s;
    empty_ = driving / (kCycle_s - kCharging_s);
    const double on_road = cycle * (kCycle_s - kCharging_s) + driving;
    const double trip = std::floor(on_road / kTrip_s);
    driven_part_ = std::min(1.0, (on_road - trip * kTrip_s) / kDriving_s);
    distance_km_ = trip_km_ * (trip + eased(driven_part_));
}

void Trip::add(Line& line) const {
    const double share = charging() ? 0 : 6 * driven_part_ * (1 - driven_part_);
    const double speed = trip_km_ / kDriving_s * 3600 * share * (1 + 0.04 * scene_.wander(2, 12));
    const Site& site = kSites.at(scene_.device.site);
    const double radius_km = 1.5 + 1.5 * scene_.trait(7);
    const double angle = distance_km_ / radius_km + 2 * std::numbers::pi * scene_.trait(8);
    const double cosine = std::cos(site.latitude * std::numbers::pi / 180);
    const double latitude = site.latitude + radius_km * std::sin(angle) / kLatitudeDegree_km;
    const double longitude =
        site.longitude + radius_km * std::cos(angle) / (kLatitudeDegree_km * cosine);
    // Counter-clockwise around the site: at its east (angle 0) it goes north.
    const double course = std::fmod(360 - std::fmod(angle * 180 / std::numbers::pi, 360), 360);
    const double level =
        charging() ? kEmpty + (kFull - kEmpty) * charged_ : kFull - (kFull - kEmpty) * empty_;
    line.add(kSpeed, speed);
    line.add_json(kPosition, fmt::format(R"({{"lat":{:.5f},"lon":{:.5f}}})", latitude, longitude));
    line.add(kHeading, std::int64_t{std::lround(course) % 360});
    line.add(kOdometer, 18'000 + 40'000 * scene_.trait(9) + distance_km_);
    line.add(kBattery, std::int64_t{std::lround(level)});
    line.add(kTyre, 8.2 - 2.4 * scene_.condition.severity + 0.03 * scene_.wander(1, 60));
    line.add(kTemperature, 18 + 0.3 * scene_.weather.outdoor_celsius + 9 * share +
                               (charging() ? 8.0 : 0.0) + 0.4 * scene_.wander(3, 120));
    line.add(kPower, power());
}

std::string_view Trip::activity() const {
    if (scene_.condition.status == Status::offline) return "parked";
    if (charging()) return "charging";
    if (scene_.condition.status == Status::maintenance) return "to workshop";
    return driven_part_ < 1 ? "driving" : "loading";
}

double Trip::power() const {
    if (charging()) return 22'000;
    return 400 + 31'000 * 6 * driven_part_ * (1 - driven_part_) / 1.5;
}

}  // namespace atlas::demo
