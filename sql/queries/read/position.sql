-- SPDX-License-Identifier: Apache-2.0
-- The time and the log position of the reads in this transaction; sent last in it. now() is the
-- start of the transaction, before the snapshot of every read, so the results include every commit
-- acknowledged by then. A commit is visible only after it is flushed, so the flushed position, read
-- after the snapshots, is at or after every commit in the results.
--
-- Result      one row: as_of timestamptz, position pg_lsn, segment text, which begins with the
--             timeline
-- Caller      src/primary/log_end.cc, src/primary/reads.cc
SELECT now() AS as_of, pg_current_wal_flush_lsn() AS position,
       pg_walfile_name(pg_current_wal_flush_lsn()) AS segment;
