-- SPDX-License-Identifier: Apache-2.0
--
-- $1, $2      from <= observed_at < until, timestamps in UTC
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.settled
WHERE observed_at >= CAST($1 AS TIMESTAMPTZ) AND observed_at < CAST($2 AS TIMESTAMPTZ);
