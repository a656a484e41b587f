-- SPDX-License-Identifier: Apache-2.0
--
-- $1          version of the tables
-- Caller      src/analytics/duckdb/store_file.cc
INSERT INTO store.position (version, batch) VALUES ($1, 0);
