// SPDX-License-Identifier: Apache-2.0
//
// Every attribute of the fleet, as it is declared before its first value.
//
// Threading  constants; any thread.
#pragma once

#include <span>
#include <string_view>

namespace atlas::demo {

struct Attribute {
    std::string_view name;
    std::string_view type;  // the API's word
    std::string_view unit;
    bool hot;  // in the current state, and so good for filters
    std::string_view description;
};

// Of every device.
inline constexpr Attribute kStatus{"status", "string", "", true,
                                   "Operating state: online, degraded, maintenance or offline"};
inline constexpr Attribute kAlarm{"alarm", "bool", "", true, "A limit is exceeded"};
inline constexpr Attribute kFault{"fault", "string", "", true,
                                  "What is wrong; no value while nothing is"};
inline constexpr Attribute kSite{"site", "string", "", true, "Site that the device belongs to"};
inline constexpr Attribute kModel{"model", "string", "", true, "Model of the device"};
inline constexpr Attribute kFirmware{"firmware", "string", "", false, "Version of the firmware"};
inline constexpr Attribute kServicedAt{"serviced_at", "timestamp", "", false,
                                       "Last planned service"};
inline constexpr Attribute kLimits{"limits", "json", "", false,
                                   "Limits of the values that raise an alarm"};
inline constexpr Attribute kTemperature{"temperature", "double", "celsius", true,
                                        "Temperature of the motor, the battery or the processor"};
inline constexpr Attribute kPower{"power", "double", "watts", true, "Electrical power drawn"};

// Of machines.
inline constexpr Attribute kPressure{"pressure", "double", "bar", false, "Pressure at the outlet"};
inline constexpr Attribute kFlow{"flow", "double", "m³/h", false, "Volume pumped"};
inline constexpr Attribute kVibration{"vibration", "double", "mm/s", false,
                                      "Velocity of the vibration at the bearing, RMS"};
inline constexpr Attribute kMotorSpeed{"motor_speed", "int", "rpm", false, "Speed of the motor"};
inline constexpr Attribute kLoad{"load_percent", "double", "percent", false,
                                 "Share of the nominal load"};
inline constexpr Attribute kSetpoint{"setpoint", "double", "celsius", true,
                                     "Supply temperature that is set"};
inline constexpr Attribute kSupply{"supply_temperature", "double", "celsius", false,
                                   "Temperature of the water that leaves"};
inline constexpr Attribute kReturn{"return_temperature", "double", "celsius", false,
                                   "Temperature of the water that comes back"};
inline constexpr Attribute kEfficiency{"cop", "double", "1", false,
                                       "Coefficient of performance: cooling per power"};

// Of vehicles.
inline constexpr Attribute kActivity{"activity", "string", "", true,
                                     "What the vehicle does: driving, loading, charging, parked"};
inline constexpr Attribute kSpeed{"speed", "double", "km/h", false, "Speed over ground"};
inline constexpr Attribute kPosition{"position", "json", "", false, "Position in WGS 84"};
inline constexpr Attribute kHeading{"heading", "int", "°", false, "Course, clockwise from north"};
inline constexpr Attribute kOdometer{"odometer", "double", "km", false, "Distance driven"};
inline constexpr Attribute kBattery{"battery_percent", "int", "percent", true,
                                    "Charge of the battery"};
inline constexpr Attribute kCharging{"charging", "bool", "", true, "At the charger"};
inline constexpr Attribute kTyre{"tyre_pressure", "double", "bar", false, "Lowest of all tyres"};

// Of servers.
inline constexpr Attribute kCpu{"cpu_usage_percent", "double", "percent", false,
                                "Processor time in use"};
inline constexpr Attribute kMemory{"memory_used_bytes", "int", "bytes", false, "Memory in use"};
inline constexpr Attribute kDisk{"disk_used_percent", "double", "percent", false, "Disk in use"};
inline constexpr Attribute kReceived{"network_receive_bytes_per_second", "double", "bytes/s", false,
                                     "Bytes received"};
inline constexpr Attribute kUptime{"uptime_seconds", "int", "seconds", false,
                                   "Time since the last start"};

// Of sites.
inline constexpr Attribute kOutdoor{"outdoor_temperature", "double", "celsius", false,
                                    "Air temperature outside"};
inline constexpr Attribute kHumidity{"humidity_percent", "double", "percent", false,
                                     "Relative humidity outside"};
inline constexpr Attribute kSolar{"solar_power", "double", "watts", false,
                                  "Power of the photovoltaic panels"};
inline constexpr Attribute kOnline{"devices_online", "int", "", true,
                                   "Devices of the site that are online"};

struct Category {
    std::string_view name;
    std::span<const Attribute> attributes;
};
// All of them, by category.
std::span<const Category> categories();

}  // namespace atlas::demo
