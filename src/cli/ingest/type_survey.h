// SPDX-License-Identifier: Apache-2.0
//
// Decides from a look at the cells of an attribute what they are read as.
//
//     cells of the first rows → [TypeSurvey] → CellType
//
// One odd cell must not decide: a column of numbers with an "err" in it stays one of numbers, and
// the odd cell is rejected. Digits after a leading zero are texts: a postcode is no number.
//
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/ingest/cell.h"

namespace atlas::cli {

class TypeSurvey {
public:
    // The attribute is a bool, whatever its cells: odd() knows those that are none from now on.
    void expect_truth() { expects_truth_ = true; }
    // `line` is that of the file.
    void add(const CellGrammar& grammar, std::string_view cell, std::uint64_t line);

    CellType decide() const;
    // Whether the numbers are of the other convention: 21,5 where a point is expected.
    bool is_unclear() const;

    std::uint64_t values() const { return values_; }
    std::uint64_t no_values() const { return no_values_; }
    struct Odd {
        std::uint64_t count = 0;
        std::uint64_t line = 0;  // of the first
        std::string first;
    };
    // Cells with a value that this type does not read.
    Odd odd(CellType type) const;
    // Whether more values are numbers than are none, and some are none.
    bool is_mostly_numbers() const;
    // The first number such as 12.345 if all that have a point are such; empty: not so.
    std::string points_before_three() const;
    const std::string& first() const { return first_; }              // value
    const std::string& first_comma() const { return first_comma_; }  // of is_unclear()

private:
    std::uint64_t numbers() const { return integers_ + wide_ + fractions_ + codes_; }

    std::uint64_t values_ = 0;
    std::uint64_t no_values_ = 0;
    std::uint64_t integers_ = 0;
    std::uint64_t wide_ = 0;
    std::uint64_t fractions_ = 0;
    std::uint64_t codes_ = 0;
    std::uint64_t commas_ = 0;
    std::uint64_t booleans_ = 0;
    std::uint64_t letters_true_ = 0;
    std::uint64_t letters_false_ = 0;
    bool expects_truth_ = false;
    std::uint64_t points_ = 0;  // such as 12.345
    std::string first_, first_comma_, first_point_;
    Odd no_number_, no_truth_;
};

}  // namespace atlas::cli
