// SPDX-License-Identifier: Apache-2.0
//
// /proc/stat: what the processors do, all together and each by itself.
//
// Threading  see source.h.
#pragma once

#include <array>
#include <map>

#include "collect/inventory.h"
#include "collect/source.h"

namespace atlas::collect {

class CpuSource final : public Source {
public:
    CpuSource(const std::string& host, Roots roots)
        : roots_(std::move(roots)), inventory_(host, host + "/cpu", "cpu") {}

    void add_main(Recorder& recorder, const Moment& now) override;
    void write_entities(Recorder& recorder, const Moment& now) override;
    void adopt(std::span<const std::string> entities) override { inventory_.adopt(entities); }
    // Long enough that a machine with many processors writes no more rows than one with two.
    std::chrono::seconds interval() const override;

private:
    // In the order of the file: user, nice, system, idle, iowait, irq, softirq, steal.
    using Times = std::array<std::int64_t, 8>;
    static Times read_times(std::string_view& line);
    static void add_shares(Recorder& recorder, const Times& before, const Times& after);
    void add_counter(Recorder& recorder, std::string_view key, std::string_view line,
                     const Moment& now);

    Roots roots_;
    std::string text_;
    Times all_{};
    std::map<std::string, Times, std::less<>> each_;
    Rates rates_;
    Inventory inventory_;
};

}  // namespace atlas::collect
