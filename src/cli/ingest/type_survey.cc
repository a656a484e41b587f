// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/type_survey.h"

#include <algorithm>

namespace atlas::cli {
namespace {

// A column is one of numbers as long as at most one value in so many is none.
constexpr std::uint64_t kOddShare = 10;
constexpr std::size_t kShownBytes = 40;

bool is_most(std::uint64_t some, std::uint64_t all) {
    return some > 0 && (all - some) * kOddShare <= all;
}

// One to three digits, a point and three digits: a fraction, or thousands.
bool is_point_before_three(std::string_view cell) {
    cell = trim_cell(cell);
    if (cell.starts_with('-') || cell.starts_with('+')) cell.remove_prefix(1);
    const std::size_t point = cell.find('.');
    if (point == 0 || point > 3 || cell.size() != point + 4) return false;
    return cell.front() != '0' &&
           std::ranges::all_of(cell, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

void note(TypeSurvey::Odd& odd, std::string_view shown, std::uint64_t line) {
    if (++odd.count > 1) return;
    odd.first = shown;
    odd.line = line;
}

}  // namespace

void TypeSurvey::add(const CellGrammar& grammar, std::string_view cell, std::uint64_t line) {
    using Kind = CellForm::Kind;
    const CellForm form = grammar.form(cell);
    if (form.kind == Kind::no_value) {
        ++no_values_;
        return;
    }
    const std::string_view shown = cell.substr(0, kShownBytes);
    if (++values_ == 1) first_ = shown;
    if (expects_truth_ && !grammar.truth(cell)) note(no_truth_, shown, line);
    switch (form.kind) {
        case Kind::integer: ++integers_; return;
        case Kind::wide: ++wide_; return;
        case Kind::fraction:
            ++fractions_;
            if (is_point_before_three(cell) && ++points_ == 1) first_point_ = shown;
            return;
        case Kind::code: ++codes_; return;
        case Kind::comma:
            if (++commas_ == 1) first_comma_ = shown;
            break;
        case Kind::boolean: ++booleans_; break;
        case Kind::letter: ++(form.truth ? letters_true_ : letters_false_); break;
        case Kind::text:
        case Kind::no_value: break;
    }
    note(no_number_, shown, line);
}

bool TypeSurvey::is_mostly_numbers() const {
    return no_number_.count > 0 && numbers() > no_number_.count;
}

std::string TypeSurvey::points_before_three() const {
    return points_ == fractions_ ? first_point_ : std::string();
}

bool TypeSurvey::is_unclear() const {
    return commas_ > 0 && is_most(numbers() + commas_, values_);
}

CellType TypeSurvey::decide() const {
    if (values_ == 0) return CellType::undecided;
    if (booleans_ == values_) return CellType::boolean;
    // All of one letter may as well be an initial.
    if (letters_true_ > 0 && letters_false_ > 0 && letters_true_ + letters_false_ == values_) {
        return CellType::boolean;
    }
    if (!is_most(numbers(), values_)) return CellType::text;
    if (fractions_ > 0) return CellType::number;
    // Numbers that no int holds and codes are names of things: every digit counts.
    return wide_ > 0 || codes_ > 0 ? CellType::text : CellType::integer;
}

TypeSurvey::Odd TypeSurvey::odd(CellType type) const {
    switch (type) {
        case CellType::integer:
        case CellType::number: return no_number_;
        case CellType::boolean: return no_truth_;
        case CellType::undecided:
        case CellType::text:
        case CellType::json:
        case CellType::timestamp: break;
    }
    return {};
}

}  // namespace atlas::cli
