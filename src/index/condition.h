// SPDX-License-Identifier: Apache-2.0
//
// A bound filter over the columns of one pinned version: a block of rows at a time.
//
//     Filter, View → compile() → [Condition] → narrow(block, mask) → TopN, counts, facets
//
// Dictionaries are searched once, when the filter is compiled, so a scan compares codes. Conditions
// that all have to hold are tried in the order in which they have paid so far, and row by row once
// few rows are left.
//
// Lifetime   borrows the view and the filter.
// Threading  one thread at a time.
#pragma once

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "index/tenant.h"
#include "query/filter.h"

namespace atlas::index {

// 1 for the rows of a block that may still match, 0 for the others.
using Mask = std::array<std::uint8_t, kBlockRows>;

struct Block {
    std::size_t number = 0;
    std::size_t rows = 0;

    Row first() const { return static_cast<Row>(number * kBlockRows); }
};

// How many of the first `rows` are left.
std::size_t count(const Mask& mask, std::size_t rows);

class Condition {
public:
    Condition() = default;
    Condition(const Condition&) = delete;
    Condition& operator=(const Condition&) = delete;
    virtual ~Condition() = default;

    // Takes rows out of the mask for which the condition does not hold.
    virtual void narrow(const Block& block, Mask& mask) = 0;
    // Whether it holds for one row.
    virtual bool holds(Row row) = 0;
    // Of a row, in nanoseconds, about: what is cheap goes first while nothing is known.
    virtual double cost() const = 0;
};

// nullptr: a value of the filter cannot be compared here (Predicate::make).
std::unique_ptr<Condition> compile(const query::Filter& filter, const View& view);

// Scans the view, from its last row on or from its first: `use` gets each block with rows that
// match, its mask and their number. `condition` is nullptr where everything matches.
enum class From : std::uint8_t { first, last };
template <class Use>
void scan(const View& view, Condition* condition, From from, Use use) {
    Mask mask;
    for (std::size_t i = 0; i < view.blocks(); ++i) {
        const std::size_t number = from == From::first ? i : view.blocks() - 1 - i;
        const Block block{.number = number, .rows = view.rows_in(number)};
        const std::uint8_t* const flags = view.columns().flags.block(number, view.number());
        for (std::size_t at = 0; at < block.rows; ++at) mask[at] = flags[at] == kListed ? 1 : 0;
        if (condition != nullptr) condition->narrow(block, mask);
        const std::size_t left = count(mask, block.rows);
        if (left != 0) use(block, mask, left);
    }
}

// Calls `use` with the place in the block of every row that is left.
template <class Use>
void for_each_row(const Mask& mask, std::size_t rows, Use use) {
    std::size_t i = 0;
    for (; i + 8 <= rows; i += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, mask.data() + i, sizeof(eight));
        for (; eight != 0; eight &= eight - 1) {
            use(i + static_cast<std::size_t>(std::countr_zero(eight)) / 8);
        }
    }
    for (; i < rows; ++i) {
        if (mask[i] != 0) use(i);
    }
}

}  // namespace atlas::index
