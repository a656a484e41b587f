// SPDX-License-Identifier: Apache-2.0
//
// Sums of doubles without loss: whatever the order of the terms, the result is the double nearest
// to their sum (Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997). So every reader
// that adds up the same values, one by one or in parts, shows the same digits.
//
//     terms → add_exactly() → parts, smallest first, none overlaps the next → rounded_sum()
//
// Threading  plain values; one thread at a time.
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace atlas {

// Adds a finite term to `count` parts, which have room for one more: how many there are then, at
// least one. The last one is not finite when the sum is beyond the largest double.
inline std::size_t add_exactly(double* parts, std::size_t count, double term) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
        double part = parts[i];
        if (std::abs(term) < std::abs(part)) std::swap(term, part);
        const double sum = term + part;
        const double lost = part - (sum - term);
        if (lost != 0) parts[kept++] = lost;
        term = sum;
    }
    parts[kept] = term;
    return kept + 1;
}

// The double nearest to the sum of the parts; halves go to the even one. Zero has no sign.
inline double rounded_sum(const double* parts, std::size_t count) {
    if (count == 0) return 0;
    std::size_t i = count - 1;
    double sum = parts[i];
    double lost = 0;
    while (i > 0 && lost == 0) {
        const double before = sum;
        const double part = parts[--i];
        sum = before + part;
        lost = part - (sum - before);
    }
    // Half a unit was rounded to even: a part below it, of the same sign, decides otherwise.
    if (i > 0 && ((lost < 0 && parts[i - 1] < 0) || (lost > 0 && parts[i - 1] > 0))) {
        const double twice = lost * 2;
        const double other = sum + twice;
        if (other - sum == twice) sum = other;
    }
    return sum + 0.0;
}

class ExactSum {
public:
    ExactSum() = default;
    explicit ExactSum(double term) { add(term); }

    void add(double term) {
        if (!std::isfinite(term) || !std::isfinite(beyond_)) {
            beyond_ += term;
            return;
        }
        const std::size_t count = parts_.size();
        parts_.push_back(0);
        parts_.resize(add_exactly(parts_.data(), count, term));
        if (!std::isfinite(parts_.back())) beyond_ = parts_.back();
    }

    // Not finite if a term is not, or the sum was beyond the largest double.
    double rounded() const {
        return std::isfinite(beyond_) ? rounded_sum(parts_.data(), parts_.size()) : beyond_;
    }

    void clear() {
        parts_.clear();
        beyond_ = 0;
    }

private:
    std::vector<double> parts_;
    double beyond_ = 0;  // not finite: the sum
};

}  // namespace atlas
