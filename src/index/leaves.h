// SPDX-License-Identifier: Apache-2.0
//
// The conditions at the leaves of a filter: loops over one column that the compiler vectorises.
//
//     Comparison → compile_leaf() → Condition
//
// Lifetime   as Condition's.
// Threading  as Condition's.
#pragma once

#include <memory>

#include "index/condition.h"

namespace atlas::index {

// nullptr: see compile().
std::unique_ptr<Condition> compile_leaf(const query::Comparison& comparison, const View& view);

// Holds for rows with a value in the column; never where `column` is nullptr.
std::unique_ptr<Condition> make_present(const ColumnView* column, const View& view);
std::unique_ptr<Condition> make_constant(bool value);
std::unique_ptr<Condition> make_all_of(std::vector<std::unique_ptr<Condition>> children);
std::unique_ptr<Condition> make_any_of(std::vector<std::unique_ptr<Condition>> children);
std::unique_ptr<Condition> make_not(std::unique_ptr<Condition> child);

}  // namespace atlas::index
