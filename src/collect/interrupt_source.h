// SPDX-License-Identifier: Apache-2.0
//
// /proc/interrupts and /proc/softirqs, as rates over all processors.
//
// Threading  see source.h.
#pragma once

#include "collect/source.h"

namespace atlas::collect {

class InterruptSource final : public Source {
public:
    explicit InterruptSource(Roots roots) : roots_(std::move(roots)) {}

    void add_details(Recorder& recorder, const Moment& now) override;

private:
    void add_table(Recorder& recorder, const char* file, const char* prefix, const Moment& now);

    Roots roots_;
    std::string text_;
    AttributeTable attributes_;
    Rates rates_;
};

}  // namespace atlas::collect
