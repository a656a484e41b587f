// SPDX-License-Identifier: Apache-2.0
//
// Exact decimal arithmetic for aggregates of ints and decimals: what is added, compared or written
// here never passes through a double. Every digit is kept, so the size grows with the values.
//
// Threading  plain values; one thread at a time.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlas::query {

// digits × 10^-scale.
class Exact {
public:
    Exact() = default;
    explicit Exact(std::int64_t integer) : digits_(integer) {}
    explicit Exact(__int128 integer) : digits_(integer) {}
    // "-12.50"; nullopt for anything but sign, digits and point.
    static std::optional<Exact> parse(std::string_view text);

    Exact& operator+=(const Exact& other);
    std::strong_ordering compare(const Exact& other) const;

    // this + (other - this) × percent / 100.
    Exact interpolated(const Exact& other, int percent) const;
    // this / count, to 16 digits after the point or as many as this has, if those are more; halves
    // away from zero; trailing zeros cut off.
    Exact divided(std::int64_t count) const;
    // Without trailing zeros after the point.
    Exact trimmed() const;

    std::string text() const;  // all digits, without an exponent
    double as_double() const;  // the nearest

private:
    using Integer = boost::multiprecision::cpp_int;
    void rescale(int scale);

    Integer digits_ = 0;
    int scale_ = 0;
};

}  // namespace atlas::query
