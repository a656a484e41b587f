// SPDX-License-Identifier: Apache-2.0
//
// Decides what of the fleet is written: ten minutes of history at first, then each second as it
// comes.
//
//     Fleet → [Feed] → Report → Sender
//
// A feed that knows what the server holds continues after it: nothing is written again, and what is
// missing is filled in, up to ten minutes of it. No clock of its own.
//
// Threading  one thread, the feeder's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "collect/recorder.h"
#include "demo/fleet.h"

namespace atlas::demo {

class Feed {
public:
    static constexpr std::chrono::seconds kHistory{600};

    explicit Feed(std::uint64_t seed);

    // The newest observation that the server holds of an entity; others than the fleet's are passed
    // over. Call it before the first next().
    void adopt(std::string_view entity, Time newest);
    // What is due up to `now` and was not given yet: whole seconds, oldest first, about 256 KiB at
    // most, so call it until the report is empty. The first one declares all attributes.
    collect::Report next(Time now);

private:
    void observe(std::size_t index, std::int64_t second, collect::Report& report);

    Fleet fleet_;
    std::vector<std::optional<std::int64_t>> newest_;  // second, by device
    std::optional<std::int64_t> given_;                // all seconds up to this one
    bool declared_ = false;
};

}  // namespace atlas::demo
