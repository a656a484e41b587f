// SPDX-License-Identifier: Apache-2.0
//
// Keeps the entities of one kind (disks, interfaces, …) in step with the machine: <host>/<kind>…
// each, with the state "present" until one sweep no longer finds it. Then its state is "gone" and
// its figures are null, once, and all that was stored of it is dropped.
//
//     write_entities: open, figures, close for each thing that was found, then write_vanished
//
// A sweep that could not read its list must not call write_vanished: everything would be gone.
//
// Threading  one thread, the collector's.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collect/allowance.h"
#include "collect/source.h"

namespace atlas::collect {

class Inventory {
public:
    static constexpr double kMaxNewAtOnce = 500;
    static constexpr double kNewPerDay = 2000;

    // `prefix` begins the names of the entities ("vm/disk/"); `type` is theirs.
    Inventory(std::string host, std::string prefix, std::string type)
        : host_(std::move(host)), prefix_(std::move(prefix)), type_(std::move(type)) {}

    // Entities that the server shows as present, from a run before; those of other kinds are passed
    // over.
    void adopt(std::span<const std::string> entities);

    // Opens the observation of a thing that is there; the caller adds its figures and ends it.
    // Returns its counters, which live as long as it does; nullptr, and nothing opened, while a new
    // one has to wait for the allowance.
    Rates* open(Recorder& recorder, std::string_view name, const Moment& now);
    // It is there, though nothing can be said about it.
    void keep(std::string_view name);
    // Ends the sweep: writes the end of what was neither opened nor kept since the last call.
    void write_vanished(Recorder& recorder, const Moment& now,
                        std::span<const std::reference_wrapper<const Attribute>> figures);

    // Things known to be there.
    std::size_t size() const { return things_.size(); }

private:
    struct Thing {
        std::uint64_t sweep = 0;
        Rates rates;
    };
    std::string host_;
    std::string prefix_;
    std::string type_;
    std::uint64_t sweep_ = 1;
    Allowance allowance_{kMaxNewAtOnce, kNewPerDay};
    std::unordered_map<std::string, Thing> things_;  // by entity
};

}  // namespace atlas::collect
