-- SPDX-License-Identifier: Apache-2.0
--
-- $1          name
-- $2          text
-- Caller      src/analytics/duckdb/writer.cc
INSERT INTO store.notes VALUES ($1, $2);
