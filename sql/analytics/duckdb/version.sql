-- SPDX-License-Identifier: Apache-2.0
--
-- Result      one row: version bigint, of the tables
-- Caller      src/analytics/duckdb/store_file.cc
SELECT CAST(version AS BIGINT) FROM store.position;
