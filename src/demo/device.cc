// SPDX-License-Identifier: Apache-2.0
#include "demo/device.h"

#include <fmt/format.h>

namespace atlas::demo {
namespace {

constexpr std::string_view kLostDevice = "gda-truck-4";
constexpr std::uint64_t kChannel = 0xDE71;

struct Range {
    Kind kind;
    int count;  // at each site
    std::string_view word;
    std::array<std::string_view, 3> models;
};
constexpr std::array kRanges{
    Range{Kind::pump, 5, "pump", {"NP-50", "NP-80", "NP-80X"}},
    Range{Kind::compressor, 2, "compressor", {"SC-22", "SC-37", "SC-37"}},
    Range{Kind::chiller, 2, "chiller", {"WK-120", "WK-120", "WK-200"}},
    Range{Kind::vehicle, 4, "truck", {"eT-7", "eT-12", "eT-12"}},
    Range{Kind::server, 2, "edge", {"EX-1", "EX-2", "EX-2"}},
};

Device make_device(const Noise& noise, const Range& range, std::size_t site, int index,
                   std::size_t number) {
    const auto pick = [&](int what) {
        return noise.pick(kChannel + static_cast<std::uint64_t>(what),
                          static_cast<std::int64_t>(number));
    };
    std::string name = fmt::format("{}-{}-{}", kSites.at(site).prefix, range.word, index);
    const bool lost = name == kLostDevice;
    const auto model = static_cast<std::size_t>(3 * pick(0));
    return {.number = number,
            .name = std::move(name),
            .kind = range.kind,
            .site = site,
            .model = std::string(range.models.at(model)),
            .firmware = fmt::format("{}.{}.{}", 2 + static_cast<int>(range.kind),
                                    static_cast<int>(3 * pick(1)), static_cast<int>(8 * pick(2))),
            .lost = lost};
}

}  // namespace

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::pump: return "pump";
        case Kind::compressor: return "compressor";
        case Kind::chiller: return "chiller";
        case Kind::vehicle: return "vehicle";
        case Kind::server: return "server";
        case Kind::site: break;
    }
    return "site";
}

std::int64_t interval_s(Kind kind) {
    switch (kind) {
        case Kind::pump:
        case Kind::vehicle: return 2;
        case Kind::compressor:
        case Kind::chiller:
        case Kind::server: return 5;
        case Kind::site: break;
    }
    return 10;
}

std::vector<Device> make_devices(const Noise& noise) {
    std::vector<Device> devices;
    for (std::size_t site = 0; site < kSites.size(); ++site) {
        for (const Range& range : kRanges) {
            for (int index = 1; index <= range.count; ++index) {
                devices.push_back(make_device(noise, range, site, index, devices.size()));
            }
        }
    }
    for (std::size_t site = 0; site < kSites.size(); ++site) {
        devices.push_back({.number = devices.size(),
                           .name = fmt::format("{}-site", kSites.at(site).prefix),
                           .kind = Kind::site,
                           .site = site});
    }
    return devices;
}

}  // namespace atlas::demo
