-- SPDX-License-Identifier: Apache-2.0
--
-- The days before one that have points in store.recent.
--
-- $1          day, its number since 1970
-- Result      rows: day, count; the earliest first
-- Caller      src/analytics/duckdb/settling.cc
SELECT day, count(*) FROM store.recent WHERE day < DATE '1970-01-01' + CAST($1 AS INTEGER)
GROUP BY day ORDER BY day;
