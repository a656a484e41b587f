// SPDX-License-Identifier: Apache-2.0
#include "demo/attributes.h"

#include <array>

namespace atlas::demo {
namespace {

constexpr std::array kAll{kStatus,     kAlarm,      kFault,       kSite,     kModel,    kFirmware,
                          kServicedAt, kLimits,     kTemperature, kPower,    kPressure, kFlow,
                          kVibration,  kMotorSpeed, kLoad,        kSetpoint, kSupply,   kReturn,
                          kEfficiency, kActivity,   kSpeed,       kPosition, kHeading,  kOdometer,
                          kBattery,    kCharging,   kTyre,        kCpu,      kMemory,   kDisk,
                          kReceived,   kUptime,     kOutdoor,     kHumidity, kSolar,    kOnline};

}  // namespace

std::span<const Attribute> attributes() {
    return kAll;
}

}  // namespace atlas::demo
