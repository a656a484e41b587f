-- SPDX-License-Identifier: Apache-2.0
--
-- $1          timeline bigint
-- $2          lsn, as text of an unsigned number
-- $3          committed_at timestamp, UTC
-- Caller      src/analytics/duckdb/writer.cc
UPDATE store.position
SET batch = batch + 1, timeline = $1, lsn = CAST($2 AS UBIGINT),
    committed_at = CAST($3 AS TIMESTAMPTZ);
