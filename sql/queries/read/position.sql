-- SPDX-License-Identifier: Apache-2.0
-- Up to where the answers of this round trip reach. Sent last, in the transaction of the reads.
-- now() is the beginning of the transaction, so before the snapshot of every read in it: the
-- answer holds every commit acknowledged by then. A commit is visible only after it was flushed,
-- so the flushed position, read after the snapshots, is behind everything that the answer shows.
--
-- Result      one row: as_of timestamptz, position pg_lsn
-- Caller      src/query/reads.cc
SELECT now() AS as_of, pg_current_wal_flush_lsn() AS position;
