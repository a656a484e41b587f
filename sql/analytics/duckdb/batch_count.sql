-- SPDX-License-Identifier: Apache-2.0
--
-- The first statement of a transaction: takes its snapshot.
--
-- Result      one row: batch bigint
-- Caller      src/analytics/duckdb/hours.cc, src/analytics/duckdb/settling.cc
SELECT batch FROM store.position;
