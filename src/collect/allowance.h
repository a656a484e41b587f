// SPDX-License-Identifier: Apache-2.0
//
// Bounds how many new entities a source writes. Each costs the database some three kilobytes that
// stay, so a machine that creates processes or interfaces without end gets a bounded number of
// them.
//
// Threading  one thread, the collector's.
#pragma once

#include <algorithm>
#include <utility>

namespace atlas::collect {

class Allowance {
public:
    static constexpr double kSecondsPerDay = 86'400;

    // `at_once` to begin with and at most; refilled by `per_day`.
    Allowance(double at_once, double per_day)
        : at_once_(at_once), per_second_(per_day / kSecondsPerDay), left_(at_once) {}

    // Call before take(). `seconds` is of the steady clock.
    void refill(double seconds) {
        left_ += (seconds - std::exchange(refilled_at_, seconds)) * per_second_;
        left_ = std::min(left_, at_once_);
    }
    // False when none is left.
    bool take() {
        if (left_ < 1) return false;
        --left_;
        return true;
    }

private:
    double at_once_;
    double per_second_;
    double left_;
    double refilled_at_ = 0;
};

}  // namespace atlas::collect
