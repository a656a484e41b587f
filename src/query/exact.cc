// SPDX-License-Identifier: Apache-2.0
#include "query/exact.h"

#include <algorithm>
#include <cstdlib>

namespace atlas::query {
namespace {

constexpr int kQuotientScale = 16;

boost::multiprecision::cpp_int power_of_ten(int exponent) {
    return boost::multiprecision::pow(boost::multiprecision::cpp_int(10),
                                      static_cast<unsigned>(exponent));
}

}  // namespace

std::optional<Exact> Exact::parse(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::string digits;
    Exact exact;
    bool point = false;
    for (const char c : text) {
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        if (!digits.empty() || c != '0') digits += c;  // a leading zero would read as octal
        if (point) ++exact.scale_;
    }
    if (text.empty() || text == ".") return std::nullopt;
    exact.digits_ = digits.empty() ? Integer(0) : Integer(digits);
    if (negative) exact.digits_ = -exact.digits_;
    return exact;
}

void Exact::rescale(int scale) {
    if (scale == scale_) return;
    digits_ *= power_of_ten(scale - scale_);
    scale_ = scale;
}

Exact& Exact::operator+=(const Exact& other) {
    if (scale_ == other.scale_) {
        digits_ += other.digits_;
        return *this;
    }
    Exact term = other;
    const int scale = std::max(scale_, other.scale_);
    rescale(scale);
    term.rescale(scale);
    digits_ += term.digits_;
    return *this;
}

std::strong_ordering Exact::compare(const Exact& other) const {
    const auto order = [](const Integer& a, const Integer& b) {
        return a < b   ? std::strong_ordering::less
               : a > b ? std::strong_ordering::greater
                       : std::strong_ordering::equal;
    };
    if (scale_ == other.scale_) return order(digits_, other.digits_);
    Exact a = *this;
    Exact b = other;
    const int scale = std::max(scale_, other.scale_);
    a.rescale(scale);
    b.rescale(scale);
    return order(a.digits_, b.digits_);
}

Exact Exact::interpolated(const Exact& other, int percent) const {
    if (percent == 0) return *this;
    Exact low = *this;
    Exact high = other;
    const int scale = std::max(scale_, other.scale_);
    low.rescale(scale);
    high.rescale(scale);
    low.digits_ = low.digits_ * (100 - percent) + high.digits_ * percent;
    low.scale_ += 2;
    return low.trimmed();
}

Exact Exact::divided(std::int64_t count) const {
    Exact quotient = *this;
    quotient.rescale(std::max(scale_, kQuotientScale));
    const bool negative = quotient.digits_ < 0;
    Integer twice = abs(quotient.digits_) * 2 + count;
    twice /= Integer(count) * 2;
    quotient.digits_ = negative ? Integer(-twice) : twice;
    return quotient.trimmed();
}

Exact Exact::trimmed() const {
    Exact exact = *this;
    while (exact.scale_ > 0 && exact.digits_ % 10 == 0) {
        exact.digits_ /= 10;
        --exact.scale_;
    }
    return exact;
}

std::string Exact::text() const {
    std::string digits = Integer(abs(digits_)).str();
    const auto scale = static_cast<std::size_t>(scale_);
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    if (scale > 0) digits.insert(digits.size() - scale, ".");
    return digits_ < 0 ? "-" + digits : digits;
}

double Exact::as_double() const {
    return std::strtod(text().c_str(), nullptr);
}

}  // namespace atlas::query
