// SPDX-License-Identifier: Apache-2.0
//
// Turns the error of a failed statement into one of the read contract, which knows no PostgreSQL.
//
// Threading  pure function; any thread.
#pragma once

#include "pg/connection.h"
#include "query/error.h"

namespace atlas::primary {

// too_much_data when the statement ran into its timeout; unavailable when the session is gone; busy
// when another try may succeed; else internal, whose detail is for the log: it names the statement
// and its SQLSTATE.
query::Error database_error(pg::Error cause);

}  // namespace atlas::primary
