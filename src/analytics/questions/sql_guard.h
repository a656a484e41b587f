// SPDX-License-Identifier: Apache-2.0
//
// Decides whether a statement of a user may run in the analytics store: one SELECT over the
// relations of the public contract, with functions that compute and reach nothing else.
//
//     text → the store's own parser (json_serialize_sql) → [check_statement] → Sandbox
//
// The check sees what the store's parser saw, never the text itself, and refuses every kind of node
// that it does not know. It is the first of three walls: a sandbox's connection finds no other
// relations under those names, and the store has no access to files and extensions.
//
// Threading  pure functions; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "query/error.h"

namespace atlas::analytics {

inline constexpr std::size_t kMaxSqlBytes = 65'536;

// The relations of the contract, in lower case.
std::span<const std::string_view> public_relations();
bool is_public_relation(std::string_view lower_case_name);
// A function that users may call, in lower case: it computes from its arguments alone.
bool is_allowed_function(std::string_view lower_case_name);
// One whose result is a number, a flag or an instant, whatever it is given.
bool has_short_result(std::string_view lower_case_name);
// A function that FROM may name.
bool is_allowed_table_function(std::string_view lower_case_name);

// `serialized` is the parser's JSON for `sql`, `param_texts` its text parameters, one after the
// other. Fails with invalid_sql (it did not parse, or is not one statement) or sql_not_allowed,
// whose detail names the reference, position where it is known; or says that its values may grow
// (sql_growth.h).
query::Answer<void> check_statement(std::string_view serialized, std::string_view sql,
                                    std::string_view param_texts = {});

// What the store says of a statement, without settings that no user can change.
std::string without_advice(std::string_view message);

// In characters from 1, of a byte offset.
std::uint32_t position_in(std::string_view sql, std::size_t byte);

}  // namespace atlas::analytics
