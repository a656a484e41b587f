-- SPDX-License-Identifier: Apache-2.0
--
-- Removes what settle_days.sql or settle_sparse_days.sql has copied: a point that came later is not
-- in the snapshot.
--
-- $1, $2      the first and the last day, their numbers since 1970
-- Caller      src/analytics/duckdb/settling.cc
DELETE FROM store.recent
WHERE day BETWEEN DATE '1970-01-01' + CAST($1 AS INTEGER)
    AND DATE '1970-01-01' + CAST($2 AS INTEGER);
