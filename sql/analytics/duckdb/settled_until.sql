-- SPDX-License-Identifier: Apache-2.0
--
-- Result      one row: day, the latest that was settled, or NULL
-- Caller      src/analytics/duckdb/writer.cc
SELECT greatest((SELECT max(day) FROM store.settled),
                (SELECT CAST(make_timestamp(max(observed_ms) * 1000) AS DATE) FROM store.sparse));
