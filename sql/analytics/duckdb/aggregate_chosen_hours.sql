-- SPDX-License-Identifier: Apache-2.0
--
-- Aggregates the chosen hours. The view store.hourly_current has the same expressions for those
-- that are open; a test compares the two.
--
-- $1, $2      from <= observed_at < until of them all, timestamps in UTC: prunes
-- Caller      src/analytics/duckdb/hours.cc
INSERT INTO store.hourly
SELECT tenant_id, attribute_id, entity_id, day, hour, count, ints, int_sum, int_min, int_max,
       doubles,
       struct_extract(sums, 'sum'),
       store.pack_rest(struct_extract(sums, 'sum'), struct_extract(sums, 'rest')),
       double_min, double_max,
       (epoch_us(first_at) - CAST(hour AS BIGINT) * 3600000000) // 1000,
       store.us_of(epoch_us(first_at)),
       (epoch_us(last_at) - CAST(hour AS BIGINT) * 3600000000) // 1000,
       store.us_of(epoch_us(last_at)),
       first_int, last_int, first_double, last_double
FROM (
    SELECT p.tenant_id, p.attribute_id, p.entity_id, p.day, store.hour_of(p.observed_at) AS hour,
           count(*) AS count, count(p.int_value) AS ints, sum(p.int_value) AS int_sum,
           min(p.int_value) AS int_min, max(p.int_value) AS int_max,
           count(p.double_value) AS doubles,
           atlas_exact_sum(p.double_value) AS sums,
           min(p.double_value) AS double_min, max(p.double_value) AS double_max,
           min(p.observed_at) AS first_at, max(p.observed_at) AS last_at,
           arg_min(p.int_value, p.observed_at) AS first_int,
           arg_max(p.int_value, p.observed_at) AS last_int,
           arg_min(p.double_value, p.observed_at) AS first_double,
           arg_max(p.double_value, p.observed_at) AS last_double
    FROM store.stored_between(CAST($1 AS TIMESTAMPTZ), CAST($2 AS TIMESTAMPTZ)) p
    SEMI JOIN chosen_hours c
        ON p.tenant_id = c.tenant_id AND p.day = c.day AND store.hour_of(p.observed_at) = c.hour
    WHERE p.int_value IS NOT NULL OR p.double_value IS NOT NULL OR p.text_value IS NOT NULL
    GROUP BY ALL)
ORDER BY tenant_id, attribute_id, entity_id, hour;
