-- SPDX-License-Identifier: Apache-2.0
--
-- Opens the aggregated hours of a time whose points are about to be removed.
--
-- $1          the first hour
-- $2          the last one
-- $3          generation
-- Caller      src/analytics/duckdb/writer.cc
INSERT INTO store.open_hours
SELECT DISTINCT tenant_id, day, hour, $3 FROM store.hourly WHERE hour BETWEEN $1 AND $2;
