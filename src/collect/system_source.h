// SPDX-License-Identifier: Apache-2.0
//
// What concerns the host as a whole: what it is, its load, its uptime, its pressure stalls, its
// open files, its sensors' temperatures.
//
// Threading  see source.h.
#pragma once

#include "collect/source.h"

namespace atlas::collect {

class SystemSource final : public Source {
public:
    SystemSource(std::string host, Roots roots);

    void add_main(Recorder& recorder, const Moment& now) override;
    void add_details(Recorder& recorder, const Moment& now) override;

private:
    void add_identity(Recorder& recorder);
    void add_load(Recorder& recorder);
    void add_pressure(Recorder& recorder, bool details);
    void add_temperatures(Recorder& recorder);

    std::string host_;
    Roots roots_;
    std::string os_;
    std::string kernel_;
    std::string cpu_model_;
    std::int64_t cpu_count_ = 0;
    std::string text_;
    AttributeTable attributes_;
};

}  // namespace atlas::collect
