// SPDX-License-Identifier: Apache-2.0
//
// A failed statement of a read, in the terms of the read contract.
//
// Threading  pure function; any thread.
#pragma once

#include "pg/connection.h"
#include "query/error.h"

namespace atlas::primary {

// too_much_data when the statement ran into its timeout; unavailable when the session is gone; busy
// when another try may succeed; else internal, which is logged.
query::Error database_error(pg::Error cause);

}  // namespace atlas::primary
