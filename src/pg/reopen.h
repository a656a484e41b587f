// SPDX-License-Identifier: Apache-2.0
//
// Opens a session that is used now and then when it is needed, and again after it was lost.
//
//     if (auto opened = pg::reopen(session_, conninfo_, settings); !opened) return …;
//     session_->exec(…);
//
// Threading  that of the session; blocks only where it opens one.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "pg/connection.h"

namespace atlas::pg {

// `session` is usable afterwards, or empty. Fails as Connection::open() does.
inline Expected<void> reopen(std::optional<Connection>& session, const std::string& conninfo,
                             const SessionSettings& settings) {
    if (session && session->usable()) return {};
    session.reset();
    auto opened = Connection::open(conninfo, settings);
    if (!opened) return failure(std::move(opened.error()));
    session.emplace(std::move(*opened));
    return {};
}

}  // namespace atlas::pg
