-- SPDX-License-Identifier: Apache-2.0
--
-- Removes what settle_day.sql has copied: a point that came later is not in the snapshot.
--
-- $1          day, its number since 1970
-- Caller      src/analytics/duckdb/settling.cc
DELETE FROM store.recent WHERE day = DATE '1970-01-01' + CAST($1 AS INTEGER);
