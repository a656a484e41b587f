// SPDX-License-Identifier: Apache-2.0
//
// /proc/net and /sys/class/net: interfaces, and what the protocols count.
//
// Threading  see source.h.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "collect/inventory.h"
#include "collect/source.h"

namespace atlas::collect {

class NetworkSource final : public Source {
public:
    NetworkSource(const std::string& host, Roots roots)
        : roots_(std::move(roots)), inventory_(host, host + "/network/", "network_interface") {}

    void add_main(Recorder& recorder, const Moment& now) override;
    void add_details(Recorder& recorder, const Moment& now) override;
    void write_entities(Recorder& recorder, const Moment& now) override;
    void adopt(std::span<const std::string> entities) override { inventory_.adopt(entities); }
    // Long enough that a host of many containers writes no more rows than one with two interfaces.
    std::chrono::seconds interval() const override;

private:
    // Bytes, packets, errors, drops; received first, then sent.
    using Counters = std::array<std::int64_t, 8>;
    struct Interface {
        std::string name;
        Counters counters{};
    };
    bool read_interfaces();
    void add_identity(Recorder& recorder, const Interface& interface);
    void add_protocols(Recorder& recorder, const char* file, const Moment& now);
    void add_protocol(Recorder& recorder, std::string_view names, std::string_view values,
                      const Moment& now);
    void add_sockets(Recorder& recorder);

    Roots roots_;
    std::string text_;
    std::vector<Interface> interfaces_;
    AttributeTable attributes_;
    Rates rates_;
    Inventory inventory_;
};

}  // namespace atlas::collect
