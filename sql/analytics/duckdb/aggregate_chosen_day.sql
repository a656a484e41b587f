-- SPDX-License-Identifier: Apache-2.0
--
-- Aggregates the day of the chosen hours where none of its hours is open any more.
--
-- Caller      src/analytics/duckdb/hours.cc
INSERT INTO store.daily
SELECT tenant_id, attribute_id, entity_id, day, count, ints, int_sum, int_min, int_max, doubles,
       struct_extract(sums, 'sum'),
       store.pack_rest(struct_extract(sums, 'sum'), struct_extract(sums, 'rest')),
       double_min, double_max, first_at, last_at
FROM (
    SELECT h.tenant_id, h.attribute_id, h.entity_id, h.day,
           CAST(sum(h.count) AS BIGINT) AS count, CAST(sum(h.ints) AS BIGINT) AS ints,
           sum(h.int_sum) AS int_sum, min(h.int_min) AS int_min, max(h.int_max) AS int_max,
           CAST(sum(h.doubles) AS BIGINT) AS doubles,
           atlas_exact_sum(h.double_sum, store.rest_of(h.double_sum, h.double_rest)) AS sums,
           min(h.double_min) AS double_min, max(h.double_max) AS double_max,
           min(store.hour_instant(h.hour, h.first_ms, h.first_us)) AS first_at,
           max(store.hour_instant(h.hour, h.last_ms, h.last_us)) AS last_at
    FROM store.hourly h
    SEMI JOIN chosen_hours c ON h.tenant_id = c.tenant_id AND h.day = c.day
    ANTI JOIN store.open_hours o ON h.tenant_id = o.tenant_id AND h.day = o.day
    GROUP BY ALL)
ORDER BY tenant_id, attribute_id, entity_id;
