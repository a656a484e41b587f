// SPDX-License-Identifier: Apache-2.0
//
// Why a statement or a session failed, sorted by what the caller can do about it.
//
//     libpq → failure.h → [Error] → retry, HTTP problem, log line
//
// Lifetime   a value; owns its texts.
// Threading  one thread at a time, as any value.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace atlas::pg {

// What a caller can do about a failure.
enum class ErrorKind : std::uint8_t {
    connection,  // the session is gone; open a new one. Outcome unknown if it was a COMMIT
    retryable,   // lock or statement timeout, deadlock, shutdown, out of resources: try again
    data,        // SQLSTATE class 22, 23 or 54: these very rows are refused
    other,       // a bug or a missing right; repeating fails again
};

struct Error {
    ErrorKind kind = ErrorKind::other;
    std::string sqlstate = {};        // five characters, empty when the server sent none
    std::string message = {};         // primary message, one line
    std::string constraint = {};      // constraint name, empty when there is none
    std::string statement_name = {};  // of the SqlText, or under which it is prepared; may be empty
    int statement = 0;                // of a pipeline: which one failed, from 0
};

template <class T>
using Expected = Result<T, Error>;

// The error as one line for a log or an operator: the message, then SQLSTATE and the statement's
// name where they are known.
//
//     canceling statement due to lock timeout (SQLSTATE 55P03, statement tenants/lock)
std::string describe(const Error& error);

}  // namespace atlas::pg
