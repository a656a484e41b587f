-- SPDX-License-Identifier: Apache-2.0
--
-- Ends a session of the server.
--
-- $1 pid  integer
-- Caller  src/stream/stale_slots.cc
SELECT pg_terminate_backend($1::integer)
