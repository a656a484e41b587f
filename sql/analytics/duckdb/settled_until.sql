-- SPDX-License-Identifier: Apache-2.0
--
-- Result      one row: day, the latest in the settled table, or NULL
-- Caller      src/analytics/duckdb/writer.cc
SELECT max(day) FROM store.settled;
