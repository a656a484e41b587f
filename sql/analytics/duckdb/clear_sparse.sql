-- SPDX-License-Identifier: Apache-2.0
--
-- $1, $2      from <= observed_at < until, timestamps in UTC
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.sparse
WHERE store.time_of(observed_ms * 1000 + observed_us) >= CAST($1 AS TIMESTAMPTZ)
    AND store.time_of(observed_ms * 1000 + observed_us) < CAST($2 AS TIMESTAMPTZ)
    AND observed_ms >= store.ms_bound(CAST($1 AS TIMESTAMPTZ), -9223372036854775807)
    AND observed_ms <= store.ms_bound(CAST($2 AS TIMESTAMPTZ), 9223372036854775807);
