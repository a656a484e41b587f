// SPDX-License-Identifier: Apache-2.0
//
// The text of a statement together with the name under which errors and logs speak of it.
//
//     sql::text("queries/tenants/find.sql") → [SqlText] → pg::Connection → pg::Error, log
//
// Lifetime   borrows text and name. Those of sql::text() live as long as the program; any other
//            text has to outlive the call that it is passed to.
// Threading  a value without state of its own; any thread.
#pragma once

#include <concepts>
#include <string_view>

namespace atlas {

struct SqlText {
    SqlText() = default;
    SqlText(std::string_view sql, std::string_view name) : text(sql), name(name) {}
    // A text without a name: composed at run time, or too small to need one ("COMMIT").
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    SqlText(const Text& sql) : text(sql) {}  // NOLINT(google-explicit-constructor)

    // So that it goes wherever a text goes.
    operator std::string_view() const { return text; }  // NOLINT(google-explicit-constructor)

    std::string_view text;
    std::string_view name;  // "tenants/find"; empty: none
};

}  // namespace atlas
