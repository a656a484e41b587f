// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong in the fleet, and when: faults that get worse and are repaired, planned services,
// outages. An incident begins every minute, so some devices are always in trouble.
//
//     online → degraded → maintenance → online      a fault
//     online → maintenance → online                 a service
//     online → offline → online                     an outage
//
// Threading  immutable; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "demo/noise.h"

namespace atlas::demo {

enum class Status : std::uint8_t { online, degraded, maintenance, offline };
std::string_view to_string(Status status);

struct Condition {
    Status status = Status::online;
    double severity = 0;  // of a fault, 0 to 1; it rises while degraded and fades in maintenance
    double running = 1;   // share of normal operation, 0 to 1; falls and rises within a minute

    bool alarm() const { return status == Status::degraded && severity > 0.5; }
};

class Timeline {
public:
    Timeline(Noise noise, std::size_t devices) : noise_(noise), devices_(devices) {}

    // Of device 0 … devices-1, at a second of Unix time.
    Condition at(std::size_t device, std::int64_t second) const;

private:
    struct Incident;
    Incident incident(std::int64_t slot) const;

    Noise noise_;
    std::size_t devices_;
};

}  // namespace atlas::demo
