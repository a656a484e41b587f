-- SPDX-License-Identifier: Apache-2.0
--
-- Aggregates the chosen hours. The view store.hourly_current has the same expressions for those
-- that are open; a test compares the two.
--
-- Caller      src/analytics/duckdb/hours.cc
INSERT INTO store.hourly
SELECT p.tenant_id, p.attribute_id, p.entity_id, p.day, store.hour_of(p.observed_at) AS hour,
       count(*), count(p.int_value), sum(p.int_value), min(p.int_value), max(p.int_value),
       count(p.double_value),
       kahan_sum(coalesce(CAST(TRY_CAST(p.double_value AS REAL) AS DOUBLE), 0))
           FILTER (p.double_value IS NOT NULL),
       kahan_sum(p.double_value - coalesce(CAST(TRY_CAST(p.double_value AS REAL) AS DOUBLE), 0)),
       min(p.double_value), max(p.double_value), min(p.observed_at), max(p.observed_at),
       arg_min(p.int_value, p.observed_at), arg_max(p.int_value, p.observed_at),
       arg_min(p.double_value, p.observed_at), arg_max(p.double_value, p.observed_at)
FROM store.points p
SEMI JOIN chosen_hours c
    ON p.tenant_id = c.tenant_id AND p.day = c.day AND store.hour_of(p.observed_at) = c.hour
WHERE p.int_value IS NOT NULL OR p.double_value IS NOT NULL OR p.text_value IS NOT NULL
GROUP BY ALL
ORDER BY p.tenant_id, p.attribute_id, p.entity_id, hour;
