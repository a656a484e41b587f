-- SPDX-License-Identifier: Apache-2.0
--
-- Result      rows: name, text
-- Caller      src/analytics/duckdb/writer.cc
SELECT name, text FROM store.notes ORDER BY name;
