// SPDX-License-Identifier: Apache-2.0
//
// Goal: sums of doubles are those of exact arithmetic, rounded once, in whatever order the terms
// come.
#include "base/exact_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <limits>
#include <random>

#include "testing/rounds.h"

namespace atlas {
namespace {

using Integer = boost::multiprecision::cpp_int;

double sum_of(const std::vector<double>& terms) {
    ExactSum sum;
    for (const double term : terms) sum.add(term);
    return sum.rounded();
}

// The sum in units of 2^-1074, which every double is a multiple of.
Integer units_of(double number) {
    int exponent = 0;
    const double fraction = std::frexp(number, &exponent);
    Integer units(static_cast<std::int64_t>(std::ldexp(fraction, 53)));
    const int shift = exponent - 53 + 1074;
    if (shift >= 0) return units << shift;
    return units >> -shift;
}

TEST(ExactSum, RoundsOnce) {
    EXPECT_EQ(sum_of({}), 0);
    EXPECT_EQ(sum_of({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}), 1.0);
    EXPECT_EQ(sum_of({1e16, 1, 1e-16}), 10000000000000002.0);
    EXPECT_EQ(sum_of({1e16, 1, -1e-16}), 1e16);
    EXPECT_EQ(sum_of({1e300, 1, -1e300}), 1);
    EXPECT_EQ(sum_of({5e-324, -5e-324, 5e-324}), 5e-324);
    EXPECT_FALSE(std::signbit(sum_of({-0.0, -0.0})));
}

TEST(ExactSum, BeyondTheLargestDoubleIsNotFinite) {
    const double most = std::numeric_limits<double>::max();
    const double infinite = std::numeric_limits<double>::infinity();
    EXPECT_FALSE(std::isfinite(sum_of({most, most, 1})));
    EXPECT_EQ(sum_of({1, infinite, 2}), infinite);
    EXPECT_TRUE(std::isnan(sum_of({infinite, 1, -infinite})));
}

TEST(ExactSumProperty, IsTheNearestDouble) {
    const std::uint64_t seed = test::seed_or(11);
    SCOPED_TRACE("ATLAS_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (std::uint64_t round = 0; round < test::rounds_or(500); ++round) {
        const int spread = std::uniform_int_distribution<int>(0, 400)(random);
        std::uniform_int_distribution<int> exponent(-spread, spread);
        std::uniform_real_distribution<double> fraction(-1, 1);
        std::vector<double> terms(std::uniform_int_distribution<std::size_t>(1, 40)(random));
        for (double& term : terms) term = std::ldexp(fraction(random), exponent(random));
        // Some that cancel out.
        if (round % 3 == 0) terms.push_back(-terms.front());
        Integer exact = 0;
        for (const double term : terms) exact += units_of(term);
        const double sum = sum_of(terms);
        // Half the way to either neighbour is no nearer.
        const double above = std::nextafter(sum, std::numeric_limits<double>::infinity());
        const double below = std::nextafter(sum, -std::numeric_limits<double>::infinity());
        ASSERT_LE(exact * 2, units_of(sum) + units_of(above));
        ASSERT_GE(exact * 2, units_of(sum) + units_of(below));
        std::ranges::shuffle(terms, random);
        ASSERT_EQ(sum_of(terms), sum);
    }
}

}  // namespace
}  // namespace atlas
