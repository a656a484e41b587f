-- SPDX-License-Identifier: Apache-2.0
--
-- $1          name
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.notes WHERE name = $1;
