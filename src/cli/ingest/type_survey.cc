// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/type_survey.h"

namespace atlas::cli {
namespace {

// A column is one of numbers as long as at most one value in so many is none.
constexpr std::uint64_t kOddShare = 10;
constexpr std::size_t kShownBytes = 40;

bool is_most(std::uint64_t some, std::uint64_t all) {
    return some > 0 && (all - some) * kOddShare <= all;
}

}  // namespace

void TypeSurvey::add(const CellForm& form, std::string_view cell, std::uint64_t line) {
    using Kind = CellForm::Kind;
    if (form.kind == Kind::no_value) {
        ++no_values_;
        return;
    }
    const std::string_view shown = cell.substr(0, kShownBytes);
    if (++values_ == 1) first_ = shown;
    switch (form.kind) {
        case Kind::integer: ++integers_; return;
        case Kind::wide: ++wide_; return;
        case Kind::fraction: ++fractions_; return;
        case Kind::code: ++codes_; return;
        case Kind::comma:
            if (++commas_ == 1) first_comma_ = shown;
            return;
        case Kind::boolean: ++booleans_; break;
        case Kind::letter: ++(form.truth ? letters_true_ : letters_false_); break;
        case Kind::text:
        case Kind::no_value: break;
    }
    if (first_text_line_ != 0) return;
    first_text_ = shown;
    first_text_line_ = line;
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

std::uint64_t TypeSurvey::odd(CellType type) const {
    switch (type) {
        case CellType::integer:
        case CellType::number: return values_ - numbers();
        case CellType::boolean: return values_ - booleans_ - letters_true_ - letters_false_;
        case CellType::undecided:
        case CellType::text:
        case CellType::json:
        case CellType::timestamp: break;
    }
    return 0;
}

}  // namespace atlas::cli
