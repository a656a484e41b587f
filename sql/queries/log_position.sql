-- SPDX-License-Identifier: Apache-2.0
--
-- The flushed end of the primary's log: every commit acknowledged before this statement is before
-- it. After COMMIT, it is at or after that commit; inside the transaction it would be before it.
-- With the name of the segment that is being written: it begins with the timeline.
--
-- Result   one row: pg_lsn, text
-- Caller   src/catalog/entity_repository.cc, src/catalog/server_check.cc,
--          src/ingest/commit/commit_transaction.cc
SELECT pg_current_wal_flush_lsn(), pg_walfile_name(pg_current_wal_flush_lsn())
