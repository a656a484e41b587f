// SPDX-License-Identifier: Apache-2.0
#include "demo/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "demo/vehicle.h"

namespace atlas::demo {
namespace {

constexpr double kDay_s = 86400;
constexpr std::uint64_t kSiteChannel = 0x5173;
constexpr std::uint64_t kQuantities = 64;  // channels of a device

// -1 at night, 1 twelve hours later; `peak_hour` is local.
double daily(std::size_t site, double t, double peak_hour) {
    const double hour = std::fmod(t, kDay_s) / 3600 + kSites.at(site).utc_hours;
    return std::cos(2 * std::numbers::pi * (hour - peak_hour) / 24);
}

void add_pump(Line& line, const Scene& scene) {
    const double load = scene.load();
    const double severity = scene.condition.severity;
    const double running = scene.condition.running;
    const double share = (0.55 + 0.45 * load) * running;
    line.add(kMotorSpeed, std::int64_t{std::lround(1480 * share)});
    line.add(kFlow, 120 * load * (1 - 0.35 * severity));
    line.add(kPressure, std::max(0.0, 1.1 + 4.8 * share * share * (1 - 0.25 * severity) +
                                          0.05 * scene.wander(1, 20)));
    line.add(kVibration,
             0.2 + 1.9 * load * (1 + 2.6 * severity) + 0.15 * running * (1 + scene.wander(2, 15)));
    line.add(kTemperature, 14 + 0.3 * scene.weather.outdoor_celsius + 30 * load + 30 * severity +
                               0.5 * scene.wander(3, 90));
    line.add(kPower, power_of(scene));
}

// Runs between two pressures, as compressors do: it fills the tank, and idles while that empties.
void add_compressor(Line& line, const Scene& scene) {
    const double severity = scene.condition.severity;
    const double running = scene.condition.running;
    const double swing = std::sin(2 * std::numbers::pi * (scene.t / 80 + scene.trait(1)));
    line.add(kPressure, (7.2 + 0.35 * swing - 1.9 * severity) * (0.25 + 0.75 * running) +
                            0.02 * scene.wander(1, 10));
    line.add(kLoad, 100 * scene.load());
    line.add(kTemperature, scene.weather.outdoor_celsius + 8 + 42 * scene.load() + 18 * severity +
                               0.6 * scene.wander(3, 60));
    line.add(kVibration,
             0.3 + 2.2 * scene.load() * (1 + severity) + 0.2 * running * (1 + scene.wander(2, 12)));
    line.add(kPower, power_of(scene));
}

double chiller_efficiency(const Scene& scene) {
    return 4.4 - 0.05 * (scene.weather.outdoor_celsius - 15) - 1.6 * scene.condition.severity;
}

void add_chiller(Line& line, const Scene& scene) {
    const double stopped = 1 - scene.condition.running;
    const double supply = setpoint_of(scene) + 0.3 * scene.wander(1, 120) +
                          6 * scene.condition.severity + 5 * stopped;
    line.add(kSupply, supply);
    line.add(kReturn, supply + 0.3 + 5.2 * scene.load() + 0.1 * scene.wander(2, 30));
    line.add(kTemperature, scene.weather.outdoor_celsius + 6 + 14 * scene.load() +
                               9 * scene.condition.severity + 0.4 * scene.wander(3, 60));
    line.add(kEfficiency, chiller_efficiency(scene) * scene.condition.running);
    line.add(kPower, power_of(scene));
}

void add_server(Line& line, const Scene& scene) {
    constexpr double kGiB = 1024.0 * 1024 * 1024;
    constexpr std::int64_t kLongestUptime_s = 37 * 86400;
    const double busy = std::clamp(scene.load() + 0.4 * scene.condition.severity, 0.0, 1.0);
    line.add(kCpu, 100 * busy);
    line.add(kMemory,
             std::int64_t{std::llround(kGiB * (5 + 6 * busy + 0.4 * scene.wander(1, 600)))});
    line.add(kDisk, 35 + 30 * scene.trait(1) + 4 * std::fmod(scene.t, kDay_s) / kDay_s);
    line.add(kReceived, 1.2e6 * (0.2 + busy) * (1 + 0.3 * scene.wander(2, 10)));
    line.add(kTemperature,
             34 + 36 * busy + 10 * scene.condition.severity + 0.5 * scene.wander(3, 45));
    line.add(kPower, power_of(scene));
    const auto offset = static_cast<std::int64_t>(scene.trait(3) * kLongestUptime_s);
    line.add(kUptime, (static_cast<std::int64_t>(scene.t) + offset) % kLongestUptime_s);
}

}  // namespace

Weather weather_at(const Noise& noise, std::size_t site, double t) {
    const std::uint64_t channel = kSiteChannel + site * kQuantities;
    const double sky = 0.7 + 0.3 * noise.wander(channel, t, 1500);
    return {.outdoor_celsius = kSites.at(site).mean_celsius + 5 * daily(site, t, 15) +
                               1.2 * noise.wander(channel + 1, t, 3600) +
                               0.1 * noise.wander(channel + 2, t, 40),
            .sun = std::max(0.0, daily(site, t, 13)) * sky,
            .demand = std::clamp(0.6 + 0.2 * daily(site, t, 14) +
                                     0.12 * noise.wander(channel + 3, t, 700) +
                                     0.05 * noise.wander(channel + 4, t, 90),
                                 0.15, 1.0)};
}

double Scene::wander(unsigned quantity, double period_s) const {
    return noise.wander((device.number + 1) * kQuantities + quantity, t, period_s);
}

double Scene::trait(unsigned quantity) const {
    return noise.pick((device.number + 1) * kQuantities + quantity, 0);
}

double Scene::load() const {
    const double own = 0.85 + 0.3 * trait(0);
    return std::clamp(weather.demand * own + 0.07 * wander(0, 240), 0.1, 1.0) * condition.running;
}

double power_of(const Scene& scene) {
    const double load = scene.load();
    const double severity = scene.condition.severity;
    switch (scene.device.kind) {
        case Kind::pump: return 150 + 9200 * std::pow(load, 1.5) * (1 + 0.15 * severity);
        case Kind::compressor: return 900 + 24'000 * load;
        case Kind::chiller: return 1200 + 130'000 * load / chiller_efficiency(scene);
        case Kind::vehicle: return Trip(scene).power();
        case Kind::server: return 85 + 170 * load + 40 * severity;
        case Kind::site: break;
    }
    return 0;
}

void add_measurements(Line& line, const Scene& scene) {
    switch (scene.device.kind) {
        case Kind::pump: add_pump(line, scene); break;
        case Kind::compressor: add_compressor(line, scene); break;
        case Kind::chiller: add_chiller(line, scene); break;
        case Kind::vehicle: Trip(scene).add(line); break;
        case Kind::server: add_server(line, scene); break;
        case Kind::site: break;
    }
}

std::string_view activity_of(const Scene& scene) {
    return Trip(scene).activity();
}

double setpoint_of(const Scene& scene) {
    return 6 + std::floor(4 * scene.trait(2)) / 2;
}

std::string_view fault_of(Kind kind) {
    switch (kind) {
        case Kind::pump: return "bearing runs hot";
        case Kind::compressor: return "pressure is low";
        case Kind::chiller: return "supply is warm";
        case Kind::vehicle: return "tyre loses air";
        case Kind::server: return "processor is hot";
        case Kind::site: break;
    }
    return "";
}

std::string_view limits_of(Kind kind) {
    switch (kind) {
        case Kind::pump: return R"({"temperature":{"max":65},"vibration":{"max":5}})";
        case Kind::compressor: return R"({"pressure":{"min":6,"max":9}})";
        case Kind::chiller: return R"({"supply_temperature":{"max":11}})";
        case Kind::vehicle: return R"({"tyre_pressure":{"min":7},"battery_percent":{"min":20}})";
        case Kind::server: return R"({"temperature":{"max":78},"disk_used_percent":{"max":90}})";
        case Kind::site: break;
    }
    return "{}";
}

}  // namespace atlas::demo
