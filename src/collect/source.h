// SPDX-License-Identifier: Apache-2.0
//
// The contract of one kind of thing that the collector reads: its share of the host's figures, and
// entities of its own. Every source keeps the counters of its last reading, and shows rates.
//
//     /proc, /sys → [Source] → Recorder
//
// What cannot be read is left out, without an error: machines differ.
//
// Lifetime   the collector's.
// Threading  one thread, the collector's.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "collect/recorder.h"

namespace atlas::collect {

// Where things lie; tests point it at a tree of files.
struct Roots {
    std::filesystem::path proc = "/proc";
    std::filesystem::path sys = "/sys";
    std::filesystem::path etc = "/etc";
};

struct Moment {
    Time at;             // of the observations
    double seconds = 0;  // of the steady clock, for rates
};

class Source {
public:
    virtual ~Source() = default;

    // Adds to the open observation of the host: its main figures, every second,
    virtual void add_main(Recorder&, const Moment&) {}
    // and its several hundred others, every ten.
    virtual void add_details(Recorder&, const Moment&) {}
    // Writes observations of the source's own entities.
    virtual void write_entities(Recorder&, const Moment&) {}
    // Entities of this host that the server shows as present, from a run before, of all kinds:
    // those of the source's own that the next write_entities does not find are written as gone.
    virtual void adopt(std::span<const std::string>) {}
    // Between two calls of write_entities.
    virtual std::chrono::seconds interval() const { return std::chrono::seconds{10}; }
};

// Counters as rates per second since the call before.
class Rates {
public:
    // nullopt the first time, and when the counter went back (a device was replaced).
    std::optional<double> per_second(std::string_view key, std::int64_t value, const Moment& now);
    // Adds the rate where there is one.
    void add(Recorder& recorder, const Attribute& attribute, std::int64_t value, const Moment& now);

private:
    struct Last {
        std::int64_t value;
        double seconds;
    };
    std::unordered_map<std::string, Last> last_;
};

}  // namespace atlas::collect
