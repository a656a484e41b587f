// SPDX-License-Identifier: Apache-2.0
//
// One comparison of a bound filter with a value of an attribute, as the primary's SQL makes it
// (primary/filter_sql.h): numbers exactly, those of a double attribute as the nearest doubles, text
// byte by byte, times as their text of fixed width.
//
//     Comparison → [Predicate] → matches(value); or ranges of ints, doubles and times, for scans
//
// Lifetime   borrows the comparison.
// Threading  immutable; any thread.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "index/scalar.h"
#include "query/filter.h"

namespace atlas::index {

// Values within any of closed ranges; with `inverted`, values within none.
template <class T>
struct Ranges {
    std::vector<std::pair<T, T>> any;
    bool inverted = false;
};

class Predicate {
public:
    // nullopt: a number with more digits than model::plain_digits() reads.
    static std::optional<Predicate> make(const query::Comparison& comparison);

    bool matches(const Scalar& value) const;
    // Of columns that hold nothing but ints, doubles or times; nullopt: ask matches() instead.
    std::optional<Ranges<std::int64_t>> int_ranges() const;
    std::optional<Ranges<double>> double_ranges() const;
    std::optional<Ranges<std::int64_t>> time_ranges() const;

    query::Op op() const { return comparison_->op; }
    // The values that match, where each has one form; nullopt: ask matches() instead.
    struct Exact {
        Scalar::Kind kind;
        std::vector<std::string_view> texts = {};  // borrowed from the predicate
    };
    std::optional<Exact> exact() const;

private:
    struct Wanted {
        bool prefix = false;
        bool as_double = false;  // of a double attribute, beyond the ints that doubles hold
        std::string text;        // of text and times, or the plain digits of a number
        double number = 0;
        std::int64_t micros = 0;
    };
    explicit Predicate(const query::Comparison& comparison) : comparison_(&comparison) {}

    bool is_number() const;
    bool equals(const Wanted& wanted, const Scalar& value) const;
    std::partial_ordering order(const Wanted& wanted, const Scalar& value) const;
    template <class T, class Edges>
    std::optional<Ranges<T>> ranges(T least, T greatest, Edges edges) const;

    const query::Comparison* comparison_;
    std::vector<Wanted> wanted_;
};

}  // namespace atlas::index
