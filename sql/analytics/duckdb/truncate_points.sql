-- SPDX-License-Identifier: Apache-2.0
--
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.recent;
DELETE FROM store.settled;
DELETE FROM store.sparse;
DELETE FROM store.hourly;
DELETE FROM store.open_hours;
