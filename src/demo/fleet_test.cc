// SPDX-License-Identifier: Apache-2.0
//
// Goal: what the fleet reports is deterministic, fits its declarations, looks physical, and is
// interesting at any hour: something is always wrong, and most is well.
// Method: whole days and hours of it, read back as JSON.
#include "demo/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <set>

namespace atlas::demo {
namespace {

namespace json = boost::json;

constexpr std::int64_t kStart = 1795252800;  // 2026-11-21 09:20 UTC
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;
constexpr std::uint64_t kSeed = 7;

const Device& named(const Fleet& fleet, std::string_view name) {
    return *std::ranges::find(fleet.devices(), name, &Device::name);
}

// The attributes of one observation; empty when there was none.
json::object values(const Fleet& fleet, const Device& device, std::int64_t second, bool complete) {
    std::string line;
    const auto points = fleet.observe(device, second, complete, line);
    if (line.empty()) return {};
    const auto item = json::parse(line).as_object();
    EXPECT_EQ(item.at("entity").as_string(), device.name);
    EXPECT_EQ(item.at("type").as_string(), to_string(device.kind));
    EXPECT_EQ(item.at("attributes").as_object().size(), points);
    return item.at("attributes").as_object();
}

double number(const json::object& from, std::string_view name) {
    return from.at(name).to_number<double>();
}

std::string everything(const Fleet& fleet, std::int64_t from, std::int64_t seconds) {
    std::string out;
    for (std::int64_t second = from; second < from + seconds; ++second) {
        for (const Device& device : fleet.devices()) {
            if (fleet.due(device, second)) fleet.observe(device, second, second == from, out);
        }
    }
    return out;
}

TEST(Fleet, FollowsFromItsSeed) {
    const std::string once = everything(Fleet(kSeed), kStart, 60);
    EXPECT_GT(once.size(), 60U * 1000);
    EXPECT_EQ(once, everything(Fleet(kSeed), kStart, 60));
    EXPECT_NE(once, everything(Fleet(kSeed + 1), kStart, 60));
}

TEST(Fleet, HasDevicesOfSeveralTypesAtThreeSites) {
    const Fleet fleet(kSeed);
    std::set<std::string> names;
    std::map<std::size_t, std::set<Kind>> kinds;
    for (const Device& device : fleet.devices()) {
        names.insert(device.name);
        kinds[device.site].insert(device.kind);
    }
    EXPECT_EQ(names.size(), fleet.devices().size());
    EXPECT_GE(names.size(), 40U);
    EXPECT_LE(names.size(), 60U);
    EXPECT_EQ(kinds.size(), 3U);
    for (const auto& [site, found] : kinds) EXPECT_EQ(found.size(), 6U) << site;
}

bool fits(const json::value& value, std::string_view type) {
    if (value.is_null()) return true;
    if (type == "double") return value.is_number();
    if (type == "int") return value.is_int64();
    if (type == "bool") return value.is_bool();
    if (type == "json") return value.is_object();
    if (type == "timestamp") return value.is_string() && parse_rfc3339(value.as_string());
    return type == "string" && value.is_string();
}

TEST(Fleet, ReportsEveryDeclaredAttributeAsDeclared) {
    const Fleet fleet(kSeed);
    std::map<std::string, Attribute, std::less<>> declared;
    for (const Category& category : categories()) {
        for (const Attribute& attribute : category.attributes) {
            EXPECT_FALSE(attribute.description.empty()) << attribute.name;
            EXPECT_TRUE(declared.emplace(attribute.name, attribute).second) << attribute.name;
        }
    }
    std::set<std::string> seen;
    std::set<std::string_view> types;
    for (std::int64_t second = kStart; second < kStart + kHour; second += 10) {
        for (const Device& device : fleet.devices()) {
            for (const auto& [name, value] : values(fleet, device, second, second == kStart)) {
                ASSERT_TRUE(declared.contains(name)) << name;
                EXPECT_TRUE(fits(value, declared.at(name).type)) << name << " " << value;
                seen.insert(name);
                types.insert(declared.at(name).type);
            }
        }
    }
    EXPECT_EQ(seen.size(), declared.size());
    EXPECT_THAT(types, testing::UnorderedElementsAre("double", "int", "bool", "string", "json",
                                                     "timestamp"));
}

TEST(Fleet, ValuesStayPhysicalAllDay) {
    const Fleet fleet(kSeed);
    const std::map<std::string, std::pair<double, double>, std::less<>> ranges{
        {"temperature", {-10, 110}},
        {"power", {0, 400'000}},
        {"pressure", {0, 10}},
        {"flow", {0, 130}},
        {"vibration", {0, 12}},
        {"motor_speed", {0, 1480}},
        {"load_percent", {0, 100}},
        {"supply_temperature", {3, 22}},
        {"return_temperature", {3, 30}},
        {"cop", {0, 6}},
        {"speed", {0, 90}},
        {"heading", {0, 359}},
        {"battery_percent", {20, 100}},
        {"tyre_pressure", {5, 9}},
        {"cpu_usage_percent", {0, 100}},
        {"memory_used_bytes", {1e9, 17e9}},
        {"disk_used_percent", {0, 100}},
        {"uptime_seconds", {0, 40.0 * kDay}},
        {"outdoor_temperature", {-5, 30}},
        {"humidity_percent", {0, 100}},
        {"solar_power", {0, 61'000}},
        {"devices_online", {0, 16}}};
    for (std::int64_t second = kStart; second < kStart + kDay; second += 120) {
        for (const Device& device : fleet.devices()) {
            for (const auto& [name, value] : values(fleet, device, second, false)) {
                const auto range = ranges.find(std::string_view(name));
                if (range == ranges.end() || value.is_null()) continue;
                EXPECT_GE(value.to_number<double>(), range->second.first) << device.name << name;
                EXPECT_LE(value.to_number<double>(), range->second.second) << device.name << name;
            }
        }
    }
}

TEST(Fleet, ValuesMoveWithoutJumps) {
    const Fleet fleet(kSeed);
    const Device& pump = named(fleet, "ham-pump-1");
    const Device& truck = named(fleet, "por-truck-1");
    json::object before;
    double odometer = 0;
    std::set<double> temperatures;
    for (std::int64_t second = kStart; second < kStart + 6 * kHour; second += 2) {
        const json::object now = values(fleet, pump, second, false);
        if (now.contains("temperature") && before.contains("temperature")) {
            EXPECT_LT(std::abs(number(now, "temperature") - number(before, "temperature")), 4);
            EXPECT_LT(std::abs(number(now, "pressure") - number(before, "pressure")), 1);
        }
        if (now.contains("temperature")) temperatures.insert(number(now, "temperature"));
        before = now;
        const json::object driven = values(fleet, truck, second, false);
        if (!driven.contains("odometer")) continue;
        EXPECT_GE(number(driven, "odometer"), odometer);
        odometer = number(driven, "odometer");
    }
    EXPECT_GT(temperatures.size(), 1000U);
}

TEST(Fleet, SpeedIsTheChangeOfTheOdometer) {
    const Fleet fleet(kSeed);
    const Device& truck = named(fleet, "ham-truck-2");
    double fastest = 0;
    for (std::int64_t second = kStart; second < kStart + 2 * kHour; second += 2) {
        const auto from = values(fleet, truck, second, false);
        const auto to = values(fleet, truck, second + 2, false);
        if (!from.contains("speed") || !to.contains("speed")) continue;
        const double change = number(to, "speed") - number(from, "speed");
        EXPECT_LT(std::abs(change), 6);
        const double mean = number(from, "speed") + change / 2;
        const double driven = (number(to, "odometer") - number(from, "odometer")) / 2 * kHour;
        EXPECT_NEAR(mean, driven, 4);  // the odometer has metres
        fastest = std::max(fastest, mean);
    }
    EXPECT_GT(fastest, 20);
}

TEST(Fleet, DemandFollowsTheHourOfTheDay) {
    const Fleet fleet(kSeed);
    const auto mean_power = [&](std::int64_t from) {
        double sum = 0;
        for (int i = 0; i < 60; ++i) {
            sum += number(values(fleet, named(fleet, "por-site"), from + i * 60, false), "power");
        }
        return sum / 60;
    };
    const std::int64_t midnight = kStart - kStart % kDay;
    EXPECT_GT(mean_power(midnight + 14 * kHour), 1.3 * mean_power(midnight + 2 * kHour));
}

TEST(Fleet, SomethingIsAlwaysWrongAndMostIsWell) {
    const Fleet fleet(kSeed);
    std::map<Status, int> seen;
    int alarms = 0;
    for (std::int64_t second = kStart; second < kStart + kDay; second += 60) {
        std::size_t online = 0;
        for (const Device& device : fleet.devices()) {
            const Condition condition = fleet.condition(device, second);
            ++seen[condition.status];
            if (condition.alarm()) ++alarms;
            if (condition.status == Status::online) ++online;
        }
        EXPECT_LT(online, fleet.devices().size());
        EXPECT_GT(online, fleet.devices().size() * 3 / 4);
    }
    const int minutes = kDay / 60;
    EXPECT_GE(seen[Status::degraded], minutes);
    EXPECT_GE(seen[Status::maintenance], minutes / 2);
    EXPECT_GE(seen[Status::offline], minutes);
    EXPECT_GE(alarms, minutes / 4);
}

TEST(Fleet, AFaultShowsBeforeItRaisesAnAlarm) {
    const Fleet fleet(kSeed);
    double calm = 0;
    double worst = 0;
    int alarms = 0;
    for (const Device& device : fleet.devices()) {
        if (device.kind != Kind::pump) continue;
        for (std::int64_t second = kStart; second < kStart + 6 * kHour; second += 30) {
            const Condition condition = fleet.condition(device, second);
            if (condition.status == Status::offline) continue;
            const auto found = values(fleet, device, second, true);
            EXPECT_EQ(found.at("status").as_string(), to_string(condition.status));
            EXPECT_EQ(found.at("alarm").as_bool(), condition.alarm());
            EXPECT_EQ(found.at("fault").is_null(), condition.status != Status::degraded);
            const double vibration = number(found, "vibration");
            if (condition.status == Status::online) calm = std::max(calm, vibration);
            if (condition.alarm()) {
                ++alarms;
                worst = std::max(worst, vibration);
            }
        }
    }
    EXPECT_GT(alarms, 0);
    EXPECT_GT(worst, 1.5 * calm);
}

TEST(Fleet, StateIsWrittenWhenItChangesAndEveryMinute) {
    const Fleet fleet(kSeed);
    const Device& device = named(fleet, "ham-compressor-1");
    int written = 0;
    int changes = 0;
    for (std::int64_t second = kStart; second < kStart + kDay; ++second) {
        if (!fleet.due(device, second)) continue;
        const auto now = fleet.condition(device, second).status;
        const auto before = fleet.condition(device, second - 5).status;
        const auto found = values(fleet, device, second, false);
        const bool minute = second % 60 < 5 && now != Status::offline;
        EXPECT_EQ(found.contains("status"), now != before || minute) << second;
        EXPECT_EQ(found.empty(), now == Status::offline && before == Status::offline) << second;
        written += found.contains("status") ? 1 : 0;
        changes += now != before ? 1 : 0;
    }
    EXPECT_GT(changes, 10);
    EXPECT_GT(written, 1000);
}

}  // namespace
}  // namespace atlas::demo
