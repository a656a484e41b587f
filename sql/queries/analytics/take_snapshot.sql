-- SPDX-License-Identifier: Apache-2.0
--
-- Takes the snapshot of a REPEATABLE READ transaction.
--
-- Result   what it shows (pg_snapshot), and where the log ended after it was taken (pg_lsn)
-- Caller   src/analytics/initial_copy.cc, src/analytics/loader_source.cc,
--          src/index/feed/initial_load.cc, src/primary/log_end.cc
SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text
