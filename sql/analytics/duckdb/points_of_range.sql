-- SPDX-License-Identifier: Apache-2.0
--
-- The points of a range of time, for comparisons.
--
-- $1, $2      from <= observed_at < until, timestamps in UTC
-- Caller      src/analytics/duckdb/reading.cc
SELECT tenant_id, entity_id, attribute_id, observed_at, delay, int_value, double_value, text_value
FROM store.stored_between(CAST($1 AS TIMESTAMPTZ), CAST($2 AS TIMESTAMPTZ));
