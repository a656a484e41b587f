// SPDX-License-Identifier: Apache-2.0
#include "demo/fleet.h"

#include <algorithm>
#include <chrono>

namespace atlas::demo {
namespace {

constexpr std::int64_t kMinute_s = 60;
constexpr std::int64_t kHour_s = 3600;
constexpr std::int64_t kDay_s = 86400;
constexpr std::int64_t kServiceDays = 180;

Time time_of(std::int64_t second) {
    return Time{std::chrono::seconds{second}};
}

bool is_site(const Device& device) {
    return device.kind == Kind::site;
}

}  // namespace

// What is written when it changes.
struct Fleet::State {
    Status status = Status::online;
    bool alarm = false;
    std::string_view fault = {};  // empty: none
    std::string_view activity = {};
    bool charging = false;
};

Fleet::Fleet(std::uint64_t seed)
    : noise_(seed),
      devices_(make_devices(noise_)),
      timeline_(noise_, devices_.size() - kSites.size()) {
}

bool Fleet::due(const Device& device, std::int64_t second) const {
    const auto phase = static_cast<std::int64_t>(device.number);
    return (second + phase) % interval_s(device.kind) == 0;
}

Condition Fleet::condition(const Device& device, std::int64_t second) const {
    if (is_site(device)) return {};
    if (device.lost) return {.status = Status::offline, .running = 0};
    return timeline_.at(device.number, second);
}

Scene Fleet::scene(const Device& device, std::int64_t second) const {
    const auto t = static_cast<double>(second);
    return {.noise = noise_,
            .device = device,
            .condition = condition(device, second),
            .t = t,
            .weather = weather_at(noise_, device.site, t)};
}

Fleet::State Fleet::state(const Device& device, std::int64_t second) const {
    const Scene now = scene(device, second);
    State found{.status = now.condition.status, .alarm = now.condition.alarm()};
    if (found.status == Status::degraded) found.fault = fault_of(device.kind);
    if (device.kind == Kind::vehicle) {
        found.activity = activity_of(now);
        found.charging = found.activity == "charging";
    }
    return found;
}

void Fleet::add_state(Line& line, const Device& device, const State& now,
                      const State* before) const {
    if (before == nullptr || now.status != before->status) line.add(kStatus, to_string(now.status));
    if (is_site(device)) return;
    if (before == nullptr || now.alarm != before->alarm) line.add(kAlarm, now.alarm);
    if (before == nullptr || now.fault != before->fault) {
        now.fault.empty() ? line.add_null(kFault) : line.add(kFault, now.fault);
    }
    if (device.kind != Kind::vehicle) return;
    if (before == nullptr || now.activity != before->activity) line.add(kActivity, now.activity);
    if (before == nullptr || now.charging != before->charging) line.add(kCharging, now.charging);
}

void Fleet::add_fixed(Line& line, const Device& device, std::int64_t second) const {
    line.add(kSite, kSites.at(device.site).name);
    if (is_site(device)) return;
    const auto offset = static_cast<std::int64_t>(device.number) * 37;
    const std::int64_t day = second / kDay_s;
    const std::int64_t serviced = day - (day + offset) % kServiceDays;
    line.add(kModel, device.model);
    line.add(kFirmware, device.firmware);
    line.add(kServicedAt, time_of(serviced * kDay_s + 8 * kHour_s));
    line.add_json(kLimits, limits_of(device.kind));
    if (device.kind == Kind::chiller) line.add(kSetpoint, setpoint_of(scene(device, second)));
}

void Fleet::add_site(Line& line, const Device& site, std::int64_t second) const {
    double power = 6000;
    std::int64_t online = 0;
    for (const Device& device : devices_) {
        if (device.site != site.site || is_site(device)) continue;
        const Scene now = scene(device, second);
        if (now.condition.status != Status::offline) power += power_of(now);
        if (now.condition.status == Status::online) ++online;
    }
    const Weather weather = weather_at(noise_, site.site, static_cast<double>(second));
    line.add(kOutdoor, weather.outdoor_celsius);
    line.add(kHumidity,
             std::clamp(95 - 1.9 * weather.outdoor_celsius - 15 * weather.sun, 20.0, 100.0));
    line.add(kSolar, 60'000 * weather.sun);
    line.add(kPower, power);
    line.add(kOnline, online);
}

std::size_t Fleet::observe(const Device& device, std::int64_t second, bool complete,
                           std::string& ndjson) const {
    const std::int64_t interval = interval_s(device.kind);
    const State now = state(device, second);
    const State before = state(device, second - interval);
    const bool offline = now.status == Status::offline;
    const bool all = complete || (second % kMinute_s < interval && !offline);
    Line line(ndjson, device.name, to_string(device.kind), time_of(second));
    add_state(line, device, now, all ? nullptr : &before);
    if (complete || (second % kHour_s < interval && !offline)) add_fixed(line, device, second);
    if (is_site(device)) {
        add_site(line, device, second);
    } else if (!offline) {
        add_measurements(line, scene(device, second));
    }
    return line.end();
}

}  // namespace atlas::demo
