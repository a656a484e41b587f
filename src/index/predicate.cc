// SPDX-License-Identifier: Apache-2.0
#include "index/predicate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/convert.h"

namespace atlas::index {
namespace {

using model::Type;
using query::Op;

constexpr double kExactInts = 9007199254740992.0;
constexpr std::int64_t kLeastInt = std::numeric_limits<std::int64_t>::min() + 1;
constexpr std::int64_t kGreatestInt = std::numeric_limits<std::int64_t>::max();
constexpr double kGreatestDouble = std::numeric_limits<double>::max();

bool holds(std::partial_ordering order, Op op) {
    switch (op) {
        case Op::eq: return order == 0;
        case Op::ne: return order != 0;
        case Op::lt: return order < 0;
        case Op::le: return order <= 0;
        case Op::gt: return order > 0;
        case Op::ge: return order >= 0;
        case Op::present: break;
    }
    return true;
}

// Where the values that are equal to a literal begin and end: the first that is not less, and the
// last that is not greater. They may lie beyond the values that a column holds.
template <class T>
struct Edges {
    T first;
    T last;
};
using Wide = __int128;

// The greatest int that is not greater than the digits; less where those are beyond all ints.
Wide floor_of(std::string_view digits) {
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const bool fraction = digits.find_first_of("123456789", point) != std::string_view::npos;
    Wide whole = 0;
    for (const char c : digits.substr(0, point)) {
        whole = std::min<Wide>(whole * 10 + (c - '0'), Wide{1} << 100U);
    }
    return negative ? -whole - (fraction ? 1 : 0) : whole;
}

bool is_whole(std::string_view digits) {
    const std::size_t point = digits.find('.');
    return point == std::string_view::npos ||
           digits.find_first_of("123456789", point) == std::string_view::npos;
}

Edges<Wide> int_edges(std::string_view digits) {
    const Wide floor = floor_of(digits);
    return {.first = is_whole(digits) ? floor : floor + 1, .last = floor};
}

// Of ints as doubles, which do not tell all of them apart.
Edges<Wide> int_edges(double number) {
    const auto first_where = [](auto reached) {
        Wide low = kLeastInt;
        Wide high = Wide{kGreatestInt} + 1;  // none
        while (low < high) {
            const Wide middle = low + (high - low) / 2;
            if (reached(static_cast<double>(static_cast<std::int64_t>(middle)))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    };
    return {.first = first_where([number](double value) { return value >= number; }),
            .last = first_where([number](double value) { return value > number; }) - 1};
}

// Digits of different doubles never lie beyond each other, so only the nearest is compared exactly.
Edges<double> double_edges(double number, std::string_view digits, bool as_double) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (std::isinf(number)) {
        return number > 0 ? Edges<double>{kInfinity, kGreatestDouble}
                          : Edges<double>{-kGreatestDouble, -kInfinity};
    }
    auto order = std::strong_ordering::equal;
    if (!as_double) {
        std::string own;
        append_double(own, number);
        order = compare_digits(own, digits);
    }
    return {.first = order >= 0 ? number : std::nextafter(number, kInfinity),
            .last = order <= 0 ? number : std::nextafter(number, -kInfinity)};
}

template <class T>
T before(T value) {
    if constexpr (std::is_floating_point_v<T>) {
        return std::nextafter(value, -std::numeric_limits<T>::infinity());
    } else {
        return value - 1;
    }
}
template <class T>
T after(T value) {
    if constexpr (std::is_floating_point_v<T>) {
        return std::nextafter(value, std::numeric_limits<T>::infinity());
    } else {
        return value + 1;
    }
}

}  // namespace

std::optional<Predicate> Predicate::make(const query::Comparison& comparison) {
    Predicate made(comparison);
    for (const query::Literal& literal : comparison.values) {
        Wanted wanted{.prefix = literal.prefix, .text = literal.text};
        if (comparison.type == Type::timestamp) {
            wanted.text = format_rfc3339(literal.time);
            wanted.micros = to_micros(literal.time);
        } else if (made.is_number()) {
            auto digits = model::plain_digits(literal.text);
            if (!digits) return std::nullopt;
            wanted.text = std::move(*digits);
            wanted.number = nearest_double(wanted.text);
            wanted.as_double = comparison.type == Type::float64 &&
                               std::abs(wanted.number) >= kExactInts &&
                               std::isfinite(wanted.number);
        }
        made.wanted_.push_back(std::move(wanted));
    }
    return made;
}

bool Predicate::is_number() const {
    const Type type = comparison_->type;
    return type == Type::int64 || type == Type::float64 || type == Type::decimal;
}

// As jsonb values are equal, but for prefixes and doubles.
bool Predicate::equals(const Wanted& wanted, const Scalar& value) const {
    if (wanted.prefix) {
        return value.kind != Scalar::Kind::null && value.text.starts_with(wanted.text);
    }
    if (is_number()) return order(wanted, value) == 0;
    const bool boolean = comparison_->type == Type::boolean;
    return value.kind == (boolean ? Scalar::Kind::boolean : Scalar::Kind::string) &&
           value.text == wanted.text;
}

// Unordered where the comparison is NULL or does not apply.
std::partial_ordering Predicate::order(const Wanted& wanted, const Scalar& value) const {
    if (is_number()) {
        if (value.kind != Scalar::Kind::number) return std::partial_ordering::unordered;
        if (wanted.as_double) return nearest_double(value.json) <=> wanted.number;
        return compare_digits(value.json, wanted.text);
    }
    if (value.kind == Scalar::Kind::null) return std::partial_ordering::unordered;
    return value.text <=> wanted.text;
}

bool Predicate::matches(const Scalar& value) const {
    if (op() == Op::present) return true;
    if (op() == Op::eq) {
        return std::ranges::any_of(wanted_,
                                   [&](const Wanted& wanted) { return equals(wanted, value); });
    }
    const Wanted& wanted = wanted_.front();
    if (wanted.prefix) {
        return value.kind != Scalar::Kind::null && !value.text.starts_with(wanted.text);
    }
    if (op() == Op::ne) {
        if (wanted.as_double && value.kind != Scalar::Kind::number) return false;
        return !equals(wanted, value);
    }
    const auto order = this->order(wanted, value);
    return order != std::partial_ordering::unordered && holds(order, op());
}

template <class T, class EdgesOf>
std::optional<Ranges<T>> Predicate::ranges(T least, T greatest, EdgesOf edges_of) const {
    Ranges<T> ranges{.any = {}, .inverted = op() == Op::ne};
    const auto add = [&](auto first, auto last) {
        if (first > greatest || last < least || first > last) return;
        ranges.any.emplace_back(first < least ? least : static_cast<T>(first),
                                last > greatest ? greatest : static_cast<T>(last));
    };
    if (op() == Op::present) add(least, greatest);
    for (const Wanted& wanted : wanted_) {
        if (wanted.prefix) return std::nullopt;
        const auto edges = edges_of(wanted);
        switch (op()) {
            case Op::lt: add(least, before(edges.first)); break;
            case Op::le: add(least, edges.last); break;
            case Op::gt: add(after(edges.last), greatest); break;
            case Op::ge: add(edges.first, greatest); break;
            case Op::eq:
            case Op::ne: add(edges.first, edges.last); break;
            case Op::present: break;
        }
    }
    return ranges;
}

std::optional<Ranges<std::int64_t>> Predicate::int_ranges() const {
    if (!is_number() && op() != Op::present) return std::nullopt;
    return ranges<std::int64_t>(kLeastInt, kGreatestInt, [](const Wanted& wanted) {
        return wanted.as_double ? int_edges(wanted.number) : int_edges(wanted.text);
    });
}

std::optional<Ranges<double>> Predicate::double_ranges() const {
    if (!is_number() && op() != Op::present) return std::nullopt;
    return ranges<double>(-kGreatestDouble, kGreatestDouble, [](const Wanted& wanted) {
        return double_edges(wanted.number, wanted.text, wanted.as_double);
    });
}

std::optional<Ranges<std::int64_t>> Predicate::time_ranges() const {
    if (comparison_->type != Type::timestamp && op() != Op::present) return std::nullopt;
    return ranges<std::int64_t>(kLeastInt, kGreatestInt, [](const Wanted& wanted) {
        return Edges<Wide>{wanted.micros, wanted.micros};
    });
}

std::optional<Predicate::Exact> Predicate::exact() const {
    const Type type = comparison_->type;
    const bool one_form = type == Type::boolean || type == Type::string || type == Type::timestamp;
    if (op() != Op::eq || !one_form) return std::nullopt;
    Exact exact{.kind = type == Type::boolean ? Scalar::Kind::boolean : Scalar::Kind::string};
    for (const Wanted& wanted : wanted_) {
        if (wanted.prefix) return std::nullopt;
        exact.texts.push_back(wanted.text);
    }
    return exact;
}

}  // namespace atlas::index
