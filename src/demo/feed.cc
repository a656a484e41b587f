// SPDX-License-Identifier: Apache-2.0
#include "demo/feed.h"

#include <algorithm>

namespace atlas::demo {
namespace {

constexpr std::size_t kReportBytes = std::size_t{256} << 10U;

std::vector<collect::Attribute> declarations() {
    std::vector<collect::Attribute> all;
    for (const Category& category : categories()) {
        for (const Attribute& attribute : category.attributes) {
            collect::Attribute& added = all.emplace_back();
            added.name = attribute.name;
            added.type = attribute.type;
            added.unit = attribute.unit;
            added.hot = attribute.hot;
            added.description = attribute.description;
            added.category = category.name;
        }
    }
    return all;
}

}  // namespace

Feed::Feed(std::uint64_t seed) : fleet_(seed), newest_(fleet_.devices().size()) {
}

void Feed::adopt(std::string_view entity, Time newest) {
    const auto found = std::ranges::find(fleet_.devices(), entity, &Device::name);
    if (found == fleet_.devices().end()) return;
    newest_[found->number] =
        std::chrono::floor<std::chrono::seconds>(newest.time_since_epoch()).count();
}

collect::Report Feed::next(Time now) {
    const auto last = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    const std::int64_t first = last - kHistory.count();
    if (!given_ || *given_ < first) given_ = first;
    collect::Report report;
    while (*given_ < last && report.ndjson.size() < kReportBytes) {
        ++*given_;
        for (const Device& device : fleet_.devices()) {
            if (fleet_.due(device, *given_)) observe(device.number, *given_, report);
        }
    }
    if (!declared_ && !report.ndjson.empty()) {
        report.first_seen = declarations();
        declared_ = true;
    }
    return report;
}

// An observation is complete when the one before it was not given: the state may have changed
// since. A device that is still offline has nothing to say.
void Feed::observe(std::size_t index, std::int64_t second, collect::Report& report) {
    auto& newest = newest_[index];
    if (newest && second <= *newest) return;
    const Device& device = fleet_.devices()[index];
    const auto offline = [&](std::int64_t at) {
        return fleet_.condition(device, at).status == Status::offline;
    };
    const bool gap = !newest || second - *newest > interval_s(device.kind);
    const bool complete = gap && !(newest && offline(*newest) && offline(second));
    const std::size_t points = fleet_.observe(device, second, complete, report.ndjson);
    report.points += points;
    if (points > 0) ++report.observations;
    newest = second;
}

}  // namespace atlas::demo
