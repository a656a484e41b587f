// SPDX-License-Identifier: Apache-2.0
//
// /proc/net and /sys/class/net: interfaces, and what the protocols count.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "collect/source.h"

namespace atlas::collect {

class NetworkSource final : public Source {
public:
    NetworkSource(std::string host, Roots roots)
        : host_(std::move(host)), roots_(std::move(roots)) {}

    void add_main(Recorder& recorder, const Moment& now) override;
    void add_details(Recorder& recorder, const Moment& now) override;
    void write_entities(Recorder& recorder, const Moment& now) override;
    std::chrono::seconds interval() const override;

private:
    // Bytes, packets, errors, drops; received first, then sent.
    using Counters = std::array<std::int64_t, 8>;
    struct Interface {
        std::string name;
        Counters counters{};
    };
    void read_interfaces();
    void add_identity(Recorder& recorder, const Interface& interface);
    void add_protocols(Recorder& recorder, const char* file, const Moment& now);
    void add_protocol(Recorder& recorder, std::string_view names, std::string_view values,
                      const Moment& now);
    void add_sockets(Recorder& recorder);

    std::string host_;
    Roots roots_;
    std::string text_;
    std::vector<Interface> interfaces_;
    AttributeTable attributes_;
    Rates rates_;
    std::unordered_map<std::string, Rates> interface_rates_;
};

}  // namespace atlas::collect
