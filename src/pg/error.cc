// SPDX-License-Identifier: Apache-2.0
#include "pg/error.h"

#include <fmt/format.h>

namespace atlas::pg {

std::string describe(const Error& error) {
    const std::string state = error.sqlstate.empty() ? "" : "SQLSTATE " + error.sqlstate;
    const std::string name =
        error.statement_name.empty() ? "" : "statement " + error.statement_name;
    if (state.empty() && name.empty()) return error.message;
    const std::string_view separator = state.empty() || name.empty() ? "" : ", ";
    return fmt::format("{} ({}{}{})", error.message, state, separator, name);
}

}  // namespace atlas::pg
