// SPDX-License-Identifier: Apache-2.0
//
// What libpq reports, as an Error: for the files that talk to it.
//
// Lifetime   nothing is borrowed: texts are copied.
// Threading  that of the connection.
#pragma once

#include <libpq-fe.h>

#include "pg/error.h"

namespace atlas::pg {

// The socket's own failure.
Error connection_error(const PGconn* connection);
// The failure that `result` reports; the socket's own when there is no result.
Error error_of(const PGresult* result, const PGconn* connection);

}  // namespace atlas::pg
