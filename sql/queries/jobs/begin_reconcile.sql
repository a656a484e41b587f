-- SPDX-License-Identifier: Apache-2.0
--
-- Bounds each statement of the session, and waits until no other session reconciles this database,
-- up to its lock_timeout. The lock is the session's: it is free when the session ends.
--
-- $1 bound  text  for statement_timeout, with its unit
-- Result    one row, to be ignored
-- Caller    src/jobs/reconcile.cc
SELECT set_config('statement_timeout', $1::text, false), pg_advisory_lock(1635019891, 1011)
