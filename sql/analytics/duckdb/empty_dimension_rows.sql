-- SPDX-License-Identifier: Apache-2.0
--
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM dimension_rows;
