// SPDX-License-Identifier: Apache-2.0
//
// What buckets of a series hold: aggregates of the values of one attribute, by the rules of their
// type. Ints and decimals are exact, the sum of doubles is exact and rounded once, everything else
// has only count, first and last.
//
//     avg    of ints and doubles a double, of decimals the exact quotient to 16 digits or more
//     p50 …  between the two nearest values, linearly (as percentile_cont); exact for ints and
//            decimals
//     first, last   by time of observation
//
// The type is that of the reader's catalog, which may be a second old: a number of another kind
// (the first fraction of an int) makes the bucket double. A value that is not a number is left out.
//
// Lifetime   one bucket's values; clear() makes it the next one's. Copies what it needs of a value.
// Threading  one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/attribute.h"
#include "model/value.h"

namespace atlas::query {

enum class Aggregate : std::uint8_t { avg, min, max, sum, count, first, last, p50, p95, p99 };

// The words of the API.
std::string_view to_string(Aggregate aggregate);
std::optional<Aggregate> parse_aggregate(std::string_view word);  // nullopt for any other word

// Whether values of the type can be aggregated so.
bool applies(Aggregate aggregate, model::Type type);

// What is known of values that were aggregated elsewhere: of each only what will be written.
struct Summary {
    std::int64_t count = 0;
    model::Value min = {};
    model::Value max = {};
    model::Value first = {};
    model::Value last = {};
    __int128 int_sum = 0;
    double sum = 0;  // of doubles
};

class Accumulator {
public:
    virtual ~Accumulator() = default;
    // Adds a value that is not null. `at` need not ascend. count() rises when the value belongs to
    // the aggregate.
    virtual void add(Time at, const model::Value& value) = 0;
    // As if the values had been added, and nothing else: no percentiles. Of numbers the summary's
    // values are of the group that the type says.
    virtual void set(const Summary& summary) = 0;
    // Appends the aggregate as JSON. Only with a count above zero.
    virtual void write(std::string& out, Aggregate aggregate) = 0;
    // The same for any percentile; only where a percentile was wanted, and of numbers.
    virtual void write_percentile(std::string& out, int percent) = 0;
    // Back to no values, keeping memory.
    virtual void clear() = 0;

    std::int64_t count() const { return count_; }

protected:
    std::int64_t count_ = 0;
};

// Keeps the values themselves, 8 bytes each or more, only when `wanted` has a percentile.
std::unique_ptr<Accumulator> make_accumulator(model::Type type,
                                              const std::vector<Aggregate>& wanted);

}  // namespace atlas::query
