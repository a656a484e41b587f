-- SPDX-License-Identifier: Apache-2.0
--
-- $1          day, its number since 1970
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.daily WHERE day < DATE '1970-01-01' + CAST($1 AS INTEGER);
