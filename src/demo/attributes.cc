// SPDX-License-Identifier: Apache-2.0
#include "demo/attributes.h"

#include <array>

namespace atlas::demo {
namespace {

constexpr std::array kOperation{kStatus, kAlarm, kFault, kActivity, kOnline};
constexpr std::array kIdentity{kSite, kModel, kFirmware};
constexpr std::array kMaintenance{kServicedAt, kLimits};
constexpr std::array kClimate{kTemperature, kSetpoint, kSupply, kReturn, kOutdoor, kHumidity};
constexpr std::array kEnergy{kPower, kEfficiency, kBattery, kCharging, kSolar};
constexpr std::array kMechanics{kPressure, kFlow, kVibration, kMotorSpeed, kLoad, kTyre};
constexpr std::array kMotion{kSpeed, kPosition, kHeading, kOdometer};
constexpr std::array kComputing{kCpu, kMemory, kDisk, kReceived, kUptime};
constexpr std::array kCategories{
    Category{"operation", kOperation},     Category{"identity", kIdentity},
    Category{"maintenance", kMaintenance}, Category{"climate", kClimate},
    Category{"energy", kEnergy},           Category{"mechanics", kMechanics},
    Category{"motion", kMotion},           Category{"computing", kComputing}};

}  // namespace

std::span<const Category> categories() {
    return kCategories;
}

}  // namespace atlas::demo
