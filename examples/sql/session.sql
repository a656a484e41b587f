-- SPDX-License-Identifier: Apache-2.0
--
-- A session in SQL: PostgreSQL is underneath, and psql sees everything.
--
--     psql "$(atlas dsn)" -f examples/sql/session.sql
--
-- Its output is in session.out beside it. Running it again gives the same: a value written twice
-- at the same instant is one value.
\set QUIET on
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;

-- Every statement names its tenant. "default" is the one that `atlas up` writes to.
SELECT tenant_id AS tenant FROM tenants WHERE tenant_name = 'default' \gset

-- Three pumps, two attributes. Telemetry over HTTP would register them by itself.
INSERT INTO entities (tenant_id, external_id, entity_type)
SELECT :tenant, 'sql-pump-' || n, 'sql_pump' FROM generate_series(1, 3) n
ON CONFLICT (tenant_id, external_id) DO NOTHING;
INSERT INTO attributes (attribute_name, data_type, is_hot)
VALUES ('sql_status', 'string', true), ('sql_pressure', 'double', false)
ON CONFLICT (attribute_name) DO NOTHING;

-- An hour of it, a value a minute. `ingested_at` is when it was observed.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_double, ingested_at)
SELECT e.entity_id, e.tenant_id, a.attribute_id,
       4 + n * 0.01 + right(e.external_id, 1)::int * 0.5,
       timestamptz '2025-06-02 10:00:00Z' + n * interval '1 minute'
FROM entities e, attributes a, generate_series(0, 59) n
WHERE e.tenant_id = :tenant AND e.entity_type = 'sql_pump' AND a.attribute_name = 'sql_pressure';
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
SELECT e.entity_id, e.tenant_id, a.attribute_id,
       CASE WHEN e.external_id = 'sql-pump-2' THEN 'standby' ELSE 'online' END,
       timestamptz '2025-06-02 10:00:00Z'
FROM entities e, attributes a
WHERE e.tenant_id = :tenant AND e.entity_type = 'sql_pump' AND a.attribute_name = 'sql_status';

\echo 'Current state: one row per entity, hot attributes as JSON, found by an index.'
SELECT e.external_id AS entity, j.hot_attrs ->> 'sql_status' AS status
FROM entity_jsonb j JOIN entities e USING (entity_id)
WHERE j.tenant_id = :tenant AND j.hot_attrs @> '{"sql_status": "online"}' AND NOT j.is_deleted
ORDER BY entity;

\echo 'History: one row per value. Always give the tenant and a bound on ingested_at.'
SELECT e.external_id AS entity, count(*) AS points, min(v.value_double) AS least,
       round(avg(v.value_double)::numeric, 3) AS mean, max(v.value_double) AS greatest
FROM entity_values_ts v JOIN entities e USING (entity_id) JOIN attributes a USING (attribute_id)
WHERE v.tenant_id = :tenant AND a.attribute_name = 'sql_pressure'
  AND v.ingested_at >= '2025-06-02' AND v.ingested_at < '2025-06-03'
GROUP BY 1 ORDER BY 1;

\echo 'The latest value of each.'
SELECT DISTINCT ON (e.external_id) e.external_id AS entity, v.ingested_at AT TIME ZONE 'UTC' AS at,
       v.value_double AS pressure
FROM entity_values_ts v JOIN entities e USING (entity_id) JOIN attributes a USING (attribute_id)
WHERE v.tenant_id = :tenant AND a.attribute_name = 'sql_pressure'
  AND v.ingested_at >= '2025-06-02' AND v.ingested_at < '2025-06-03'
ORDER BY e.external_id, v.ingested_at DESC;

\echo 'Both at once: online now, and a pressure in the last hour of that day.'
SELECT e.external_id AS entity, round(max(v.value_double)::numeric, 2) AS greatest
FROM entity_jsonb j JOIN entities e USING (entity_id)
JOIN entity_values_ts v ON v.tenant_id = j.tenant_id AND v.entity_id = j.entity_id
JOIN attributes a USING (attribute_id)
WHERE j.tenant_id = :tenant AND j.hot_attrs @> '{"sql_status": "online"}'
  AND a.attribute_name = 'sql_pressure'
  AND v.ingested_at >= '2025-06-02 10:00Z' AND v.ingested_at < '2025-06-02 11:00Z'
GROUP BY 1 ORDER BY 1;
