-- SPDX-License-Identifier: Apache-2.0
--
-- Whether this is a store already.
--
-- Result      one row: count bigint, of the tables of a store
-- Caller      src/analytics/duckdb/store_file.cc
SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'store';
