-- SPDX-License-Identifier: Apache-2.0
--
-- $1          day, its number since 1970
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.sparse WHERE observed_ms < CAST($1 AS BIGINT) * 86400000;
