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
    // `line` is that of the file.
    void add(const CellForm& form, std::string_view cell, std::uint64_t line);

    CellType decide() const;
    // Whether the numbers are of the other convention: 21,5 where a point is expected.
    bool is_unclear() const;

    std::uint64_t values() const { return values_; }
    std::uint64_t no_values() const { return no_values_; }
    // Cells with a value that decide() does not read, and the first of them.
    std::uint64_t odd(CellType type) const;
    const std::string& first() const { return first_; }              // value
    const std::string& first_comma() const { return first_comma_; }  // of is_unclear()
    const std::string& first_text() const { return first_text_; }
    std::uint64_t first_text_line() const { return first_text_line_; }

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
    std::string first_, first_comma_, first_text_;
    std::uint64_t first_text_line_ = 0;
};

}  // namespace atlas::cli
