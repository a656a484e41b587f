-- SPDX-License-Identifier: Apache-2.0
--
-- Where the primary's log ends: everything committed before this statement lies before it.
--
-- Result   pg_lsn
-- Caller   src/catalog/entity_repository.cc, src/http/routes/ops/status.cc
SELECT pg_current_wal_insert_lsn()
