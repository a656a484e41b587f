-- SPDX-License-Identifier: Apache-2.0
--
-- The relations over the tables, made again whenever a store is opened.
--
--     recent, settled ─► stored_dense ─┬► stored ─► points ─► readable ─► facts ─► fact_telemetry
--              sparse ─► stored_sparse ┘
--     hourly, points ─► hourly_current ─► agg_daily_entity_stats
--
-- `store.…` is for questions that are composed by Atlas; the rest is what users see. Values are
-- converted and named as the view entity_values_ts of PostgreSQL does (sql/objects/
-- 50_values_view.sql), with atlas_convert_…() from src/analytics/duckdb/convert.cc.
--
-- Caller      src/analytics/duckdb/store_file.cc

-- Hours since 1970, rounded down before it, too.
CREATE OR REPLACE MACRO store.hour_of(t) AS
    CAST((epoch_us(t) - (epoch_us(t) % 3600000000 + 3600000000) % 3600000000) // 3600000000
         AS INTEGER);
-- (A cast of make_timestamp() asks the calendar: 25 times as long.)
CREATE OR REPLACE MACRO store.time_of(micros) AS make_timestamptz(micros);
-- The microseconds of a millisecond, and the milliseconds since 1970, rounded down.
CREATE OR REPLACE MACRO store.us_of(micros) AS (micros % 1000 + 1000) % 1000;
CREATE OR REPLACE MACRO store.ms_of(micros) AS (micros - store.us_of(micros)) // 1000;
-- Whether a point with that delay is stored with the instant of its arrival.
CREATE OR REPLACE MACRO store.is_late(delay) AS delay NOT BETWEEN -3600000000 AND 3600000000;

-- PostgreSQL's text of a double: 5 and not 5.0.
CREATE OR REPLACE MACRO store.double_text(d) AS
    CASE WHEN isnan(d) THEN 'NaN' WHEN isinf(d) THEN CASE WHEN d > 0 THEN 'Infinity'
                                                          ELSE '-Infinity' END
         ELSE regexp_replace(CAST(d AS VARCHAR), '\.0$', '') END;

-- A double in decimal: its own digits where it is whole and below 2^63, else those of its text.
-- DuckDB's cast multiplies by 10^12 in doubles, and its cast of text with a negative exponent is
-- wrong.
CREATE OR REPLACE MACRO store.double_decimal(d) AS
    CASE WHEN d = trunc(d) AND d >= -9223372036854775808.0 AND d < 9223372036854775808.0
         THEN CAST(CAST(d AS BIGINT) AS DECIMAL(38, 12))
         WHEN abs(d) < 1 THEN CAST(d AS DECIMAL(38, 12))
         ELSE TRY_CAST(CAST(d AS VARCHAR) AS DECIMAL(38, 12)) END;

-- Every point in the form of store.recent: those in tables whose times prune, and the others, whose
-- observed_ms does. The delay of an instant that is infinite is 0.
CREATE OR REPLACE VIEW store.stored_dense AS
FROM store.recent
UNION ALL
SELECT tenant_id, attribute_id, entity_id, day, observed_at,
       CASE WHEN NOT isfinite(observed_at) THEN 0
            ELSE CASE WHEN late THEN arrival * 1000 - epoch_us(observed_at)
                      ELSE arrival * 1000 - store.us_of(epoch_us(observed_at)) END + arrival_us
            END AS delay,
       int_value, double_value, text_value
FROM store.settled;

CREATE OR REPLACE VIEW store.stored_sparse AS
SELECT tenant_id, attribute_id, entity_id,
       DATE '1970-01-01' + CAST((observed_ms - (observed_ms % 86400000 + 86400000) % 86400000)
                                // 86400000 AS INTEGER) AS day,
       store.time_of(observed_ms * 1000 + observed_us) AS observed_at,
       (arrival - CASE WHEN late THEN observed_ms ELSE 0 END) * 1000 + arrival_us - observed_us
           AS delay,
       int_value, double_value, text_value, observed_ms
FROM store.sparse;

CREATE OR REPLACE VIEW store.stored AS
FROM store.stored_dense
UNION ALL
SELECT * EXCLUDE (observed_ms) FROM store.stored_sparse;

-- The milliseconds of an instant, or these of an infinite one.
CREATE OR REPLACE MACRO store.ms_bound(t, infinite) AS
    coalesce(store.ms_of(epoch_us(t)), CAST(infinite AS BIGINT));

-- Those from an instant on and before another, pruned.
CREATE OR REPLACE MACRO store.stored_between(first_at, end_at) AS TABLE
FROM store.stored_dense
WHERE observed_at >= first_at AND observed_at < end_at
UNION ALL
SELECT * EXCLUDE (observed_ms) FROM store.stored_sparse
WHERE observed_at >= first_at AND observed_at < end_at
    AND observed_ms >= store.ms_bound(first_at, -9223372036854775807)
    AND observed_ms <= store.ms_bound(end_at, 9223372036854775807);

CREATE OR REPLACE VIEW store.points AS
SELECT tenant_id, attribute_id, entity_id, day, observed_at,
       store.time_of(epoch_us(observed_at) + delay) AS received_at,
       int_value, double_value, text_value
FROM store.stored;

-- Every storage id with the name and type under which it is read.
CREATE OR REPLACE VIEW store.attribute_names AS
SELECT ta.tenant_id,
       ta.attribute_id AS storage_id,
       coalesce(ta.name_id, ta.attribute_id) AS attribute_id,
       a.attribute_name,
       coalesce(ta.read_as, ta.type) AS type,
       ta.type AS stored_type,
       ta.read_as,
       ta.state,
       ta.newer,
       coalesce(ta.category, a.category, 'uncategorized') AS category,
       ta.unit,
       ta.description,
       coalesce(ta.is_hot, a.is_hot) AS is_hot,
       ta.created_at
FROM store.tenant_attributes ta
LEFT JOIN store.attributes a ON a.attribute_id = coalesce(ta.name_id, ta.attribute_id);

-- The points that are shown, under their attribute's present id, name and type; values as stored,
-- superseded ones converted. `superseded` tells the two apart. The catalog has every attribute
-- before its first point; it is joined so that a filter on an attribute prunes what is scanned.
CREATE OR REPLACE VIEW store.readable AS
SELECT p.tenant_id, a.attribute_id, a.attribute_name, a.category, a.type, false AS superseded,
       p.entity_id, p.day, p.observed_at, p.received_at, p.int_value, p.double_value, p.text_value
FROM store.points p
JOIN store.attribute_names a ON a.tenant_id = p.tenant_id AND a.storage_id = p.attribute_id
WHERE a.read_as IS NULL
UNION ALL
SELECT tenant_id, attribute_id, attribute_name, category, type, true,
       entity_id, day, observed_at, received_at, i, d, t
FROM (
    SELECT p.tenant_id, a.attribute_id, a.attribute_name, a.category, a.type, p.entity_id, p.day,
           p.observed_at, p.received_at,
           p.int_value IS NULL AND p.double_value IS NULL AND p.text_value IS NULL AS removal,
           atlas_convert_int(a.stored_type, a.type, p.int_value, p.double_value, p.text_value) AS i,
           atlas_convert_double(a.stored_type, a.type, p.int_value, p.double_value, p.text_value)
               AS d,
           atlas_convert_text(a.stored_type, a.type, p.int_value, p.double_value, p.text_value)
               AS t
    FROM store.points p
    JOIN store.attribute_names a ON a.tenant_id = p.tenant_id AND a.storage_id = p.attribute_id
    WHERE a.read_as IS NOT NULL AND a.state <> 'dropped'
        AND NOT EXISTS (
            FROM store.points n
            JOIN (SELECT tenant_id, attribute_id, unnest(newer) AS newer_id
                  FROM store.tenant_attributes WHERE read_as IS NOT NULL) w
                ON w.tenant_id = n.tenant_id AND w.newer_id = n.attribute_id
            WHERE n.tenant_id = p.tenant_id AND n.entity_id = p.entity_id
                AND n.observed_at = p.observed_at AND w.attribute_id = p.attribute_id))
WHERE removal OR i IS NOT NULL OR d IS NOT NULL OR t IS NOT NULL;

-- What rounding takes from a sum is stored times 2^56, which costs no digit and lets it pack as
-- integers do; beside sums that are extreme or not finite as it is.
CREATE OR REPLACE MACRO store.pack_rest(total, rest) AS
    CASE WHEN abs(total) < 1e290 THEN rest * pow(2.0, 56) ELSE rest END;
CREATE OR REPLACE MACRO store.rest_of(total, packed) AS
    CASE WHEN abs(total) < 1e290 THEN packed / pow(2.0, 56) ELSE packed END;

-- Aggregates of every hour, exact at any time: of the open ones from their points. The sum of
-- doubles over several rows is atlas_exact_sum(double_sum, double_rest).
CREATE OR REPLACE VIEW store.hourly_current AS
SELECT h.tenant_id, h.attribute_id, h.entity_id, h.day, h.hour, h.count, h.ints, h.int_sum,
       h.int_min, h.int_max, h.doubles,
       h.double_sum, store.rest_of(h.double_sum, h.double_rest) AS double_rest,
       h.double_min, h.double_max,
       store.time_of((CAST(h.hour AS BIGINT) * 3600000 + h.first_ms) * 1000 + h.first_us)
           AS first_at,
       store.time_of((CAST(h.hour AS BIGINT) * 3600000 + h.last_ms) * 1000 + h.last_us) AS last_at,
       h.first_int, h.last_int, h.first_double, h.last_double
FROM store.hourly h
ANTI JOIN store.open_hours o
    ON h.tenant_id = o.tenant_id AND h.day = o.day AND h.hour = o.hour
UNION ALL
SELECT p.tenant_id, p.attribute_id, p.entity_id, p.day, store.hour_of(p.observed_at),
       count(*), count(p.int_value), sum(p.int_value), min(p.int_value), max(p.int_value),
       count(p.double_value),
       struct_extract(atlas_exact_sum(p.double_value), 'sum'),
       struct_extract(atlas_exact_sum(p.double_value), 'rest'),
       min(p.double_value), max(p.double_value), min(p.observed_at), max(p.observed_at),
       arg_min(p.int_value, p.observed_at), arg_max(p.int_value, p.observed_at),
       arg_min(p.double_value, p.observed_at), arg_max(p.double_value, p.observed_at)
FROM store.points p
SEMI JOIN store.open_hours o
    ON p.tenant_id = o.tenant_id AND p.day = o.day AND store.hour_of(p.observed_at) = o.hour
WHERE p.int_value IS NOT NULL OR p.double_value IS NOT NULL OR p.text_value IS NOT NULL
GROUP BY ALL;

CREATE OR REPLACE VIEW dim_tenants AS
SELECT tenant_id, tenant_name, created_at, is_active FROM store.tenants;

CREATE OR REPLACE VIEW dim_attributes AS
SELECT a.tenant_id, a.attribute_id, a.attribute_name, a.type, a.category AS attribute_category,
       a.is_hot, a.unit, a.description, a.created_at
FROM store.attribute_names a
WHERE a.read_as IS NULL;

CREATE OR REPLACE VIEW dim_entities AS
SELECT e.entity_id, e.tenant_id, t.tenant_name, e.external_id, e.entity_type, e.created_at,
       e.is_deleted
FROM store.entities e
LEFT JOIN store.tenants t ON t.tenant_id = e.tenant_id;

CREATE OR REPLACE VIEW fact_current_state AS
SELECT s.entity_id, s.tenant_id, t.tenant_name, e.external_id, e.entity_type, s.hot_attrs,
       s.is_deleted
FROM store.entity_jsonb s
LEFT JOIN store.entities e ON e.tenant_id = s.tenant_id AND e.entity_id = s.entity_id
LEFT JOIN store.tenants t ON t.tenant_id = s.tenant_id;

-- One row per entity, attribute and instant, `superseded` as in store.readable. value_decimal has
-- 12 digits after the point and 26 before it: a number with more is rounded, or NULL; `value` has
-- all digits.
CREATE OR REPLACE VIEW store.facts AS
SELECT v.entity_id,
       v.tenant_id,
       t.tenant_name,
       v.attribute_id,
       v.attribute_name,
       v.category AS attribute_category,
       e.entity_type,
       CASE WHEN v.int_value IS NOT NULL THEN
                CASE v.type WHEN 'bool' THEN CASE v.int_value WHEN 0 THEN 'false' ELSE 'true' END
                            WHEN 'timestamp' THEN strftime(make_timestamp(v.int_value),
                                                           '%Y-%m-%dT%H:%M:%S.%fZ')
                            ELSE CAST(v.int_value AS VARCHAR) END
            ELSE coalesce(store.double_text(v.double_value), v.text_value) END AS value,
       CASE WHEN v.type = 'int' THEN v.int_value END AS value_int,
       CASE WHEN v.int_value IS NOT NULL THEN
                CASE WHEN v.type IN ('int', 'double', 'decimal')
                     THEN CAST(v.int_value AS DECIMAL(38, 12)) END
            WHEN v.double_value IS NOT NULL THEN store.double_decimal(v.double_value)
            WHEN v.type = 'decimal' THEN TRY_CAST(v.text_value AS DECIMAL(38, 12))
            END AS value_decimal,
       CASE WHEN v.type = 'bool' THEN v.int_value <> 0 END AS value_bool,
       CASE WHEN v.type = 'timestamp' THEN store.time_of(v.int_value) END AS value_timestamp,
       v.observed_at AS ingested_at,
       v.day AS ingested_date,
       (store.hour_of(v.observed_at) % 24 + 24) % 24 AS ingested_hour,
       dayofweek(v.day) AS day_of_week,
       strftime(v.day, '%Y-%m') AS year_month,
       coalesce(v.double_value, CASE WHEN v.type = 'double' THEN CAST(v.int_value AS DOUBLE) END)
           AS value_double,
       CASE WHEN v.type = 'json' THEN TRY_CAST(v.text_value AS JSON) END AS value_json,
       v.observed_at,
       v.received_at,
       e.external_id,
       v.superseded
FROM store.readable v
LEFT JOIN store.tenants t ON t.tenant_id = v.tenant_id
LEFT JOIN store.entities e ON e.tenant_id = v.tenant_id AND e.entity_id = v.entity_id;

CREATE OR REPLACE VIEW fact_telemetry AS SELECT * EXCLUDE (superseded) FROM store.facts;

-- Per day (UTC), entity and attribute. Numbers are doubles; of attributes that are no numbers only
-- the count.
CREATE OR REPLACE VIEW agg_daily_entity_stats AS
SELECT s.day AS stat_date, s.tenant_id, t.tenant_name, s.entity_id, e.entity_type, s.attribute_id,
       s.attribute_name, s.category AS attribute_category,
       CAST(sum(s.count) AS BIGINT) AS value_count,
       CASE WHEN sum(s.numbers) > 0
            THEN coalesce(CAST(sum(s.whole) AS DOUBLE), 0)
                 + coalesce(struct_extract(atlas_exact_sum(s.double_sum, s.double_rest), 'sum'), 0)
            END AS sum_value,
       sum_value / sum(s.numbers) AS avg_value,
       min(s.lowest) AS min_value,
       max(s.highest) AS max_value,
       min(s.first_at) AS first_at,
       max(s.last_at) AS last_at
FROM (
    SELECT h.day, h.tenant_id, h.entity_id, a.attribute_id, a.attribute_name, a.category, h.count,
           CASE WHEN a.type IN ('int', 'double') THEN h.ints + h.doubles END
               AS numbers,
           CASE WHEN numbers > 0 THEN h.int_sum END AS whole,
           h.double_sum, h.double_rest,
           CASE WHEN numbers > 0 THEN least(CAST(h.int_min AS DOUBLE), h.double_min) END AS lowest,
           CASE WHEN numbers > 0 THEN greatest(CAST(h.int_max AS DOUBLE), h.double_max) END
               AS highest,
           h.first_at, h.last_at
    FROM store.hourly_current h
    JOIN store.attribute_names a
        ON a.tenant_id = h.tenant_id AND a.storage_id = h.attribute_id
    WHERE a.read_as IS NULL AND a.type <> 'decimal'
    UNION ALL
    SELECT day, tenant_id, entity_id, attribute_id, attribute_name, category, 1,
           CASE WHEN number IS NOT NULL THEN 1 END, NULL, number, 0, number, number, observed_at,
           observed_at
    FROM (
        SELECT *, CASE WHEN type IN ('int', 'double', 'decimal')
                       THEN coalesce(CAST(int_value AS DOUBLE), double_value,
                                     TRY_CAST(text_value AS DOUBLE)) END AS number
        FROM store.readable
        WHERE (superseded OR type = 'decimal')
            AND (int_value IS NOT NULL OR double_value IS NOT NULL OR text_value IS NOT NULL))
) s
LEFT JOIN store.tenants t ON t.tenant_id = s.tenant_id
LEFT JOIN store.entities e ON e.tenant_id = s.tenant_id AND e.entity_id = s.entity_id
GROUP BY ALL;
