-- SPDX-License-Identifier: Apache-2.0
--
-- Counts a batch that leaves the position as it is.
--
-- Caller      src/analytics/duckdb/writer.cc
UPDATE store.position SET batch = batch + 1;
