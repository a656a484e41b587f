// SPDX-License-Identifier: Apache-2.0
//
// /proc/meminfo and /proc/vmstat.
//
// Threading  see source.h.
#pragma once

#include "collect/source.h"

namespace atlas::collect {

class MemorySource final : public Source {
public:
    explicit MemorySource(Roots roots) : roots_(std::move(roots)) {}

    void add_main(Recorder& recorder, const Moment& now) override;
    void add_details(Recorder& recorder, const Moment& now) override;

private:
    bool read_meminfo();
    std::int64_t value(std::string_view key) const;
    void add_vmstat(Recorder& recorder, const Moment& now);

    Roots roots_;
    std::string text_;
    std::unordered_map<std::string, std::int64_t> meminfo_;  // bytes, or a count
    AttributeTable attributes_;
    Rates rates_;
};

}  // namespace atlas::collect
