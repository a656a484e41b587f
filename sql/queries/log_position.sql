-- SPDX-License-Identifier: Apache-2.0
--
-- The end of the primary's log: every commit from before this statement is before it.
--
-- Result   pg_lsn
-- Caller   src/catalog/entity_repository.cc, src/catalog/server_check.cc
SELECT pg_current_wal_insert_lsn()
