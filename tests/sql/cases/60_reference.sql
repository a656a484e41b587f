-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: the reference's kinds of statements run unchanged.
INSERT INTO tenants (tenant_id, tenant_name, is_active) VALUES (123, 'acme', true);
INSERT INTO attributes (attribute_id, attribute_name, data_type, is_hot) VALUES
    (501, 'environment', 'string', true), (502, 'state', 'string', true),
    (503, 'priority', 'int', true), (504, 'temperature', 'decimal', false),
    (505, 'firmware', 'string', false);
INSERT INTO entities (entity_id, tenant_id, entity_type, is_deleted)
    SELECT g, 123, 'sensor', false FROM generate_series(5001, 5200) g;
-- Generated ids do not collide with chosen ones.
SELECT t.ok(nextval('entity_id_seq') > 5200, 'the sequence moved on');
INSERT INTO attributes (attribute_name) VALUES ('generated');
SELECT t.ok((SELECT attribute_id > 505 FROM attributes WHERE attribute_name = 'generated'),
    'and the dictionary''s');

-- COPY and INSERT into staging, flush.
COPY entity_values_ingest FROM STDIN WITH (FORMAT csv, NULL '');
5001,123,502,online,,,,,2026-11-01 00:00:00+00
5001,123,503,,8,,,,2026-11-01 00:00:00+00
\.
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value, value_int,
    value_decimal, ingested_at)
SELECT e, 123, a,
       CASE a WHEN 501 THEN CASE WHEN e % 2 = 0 THEN 'production' ELSE 'staging' END
              WHEN 502 THEN CASE WHEN e % 3 = 0 THEN 'online' ELSE 'standby' END
              WHEN 505 THEN 'v' || e % 4 END,
       CASE a WHEN 503 THEN e % 10 END, CASE a WHEN 504 THEN (e % 50) + 0.5 END,
       now() - interval '1 minute' * m
FROM generate_series(5001, 5200) e, generate_series(501, 505) a, generate_series(0, 4) m;
SELECT t.equal(stage_flush(50000)::text, '5002', 'flushed');
SELECT t.ok((SELECT count(*) = 0 FROM entity_values_ingest), 'backlog');

-- The latest value, a window, a count.
SELECT t.equal((SELECT value FROM entity_values_ts WHERE tenant_id = 123 AND entity_id = 5002
                AND attribute_id = 501 ORDER BY ingested_at DESC LIMIT 1), 'production', 'latest');
SELECT t.equal((SELECT count(*) FROM entity_values_ts WHERE tenant_id = 123 AND attribute_id = 504
                AND ingested_at >= now() - interval '1 hour')::text, '1000', 'window');

-- Hot filters.
SELECT t.equal((SELECT count(*) FROM entity_jsonb WHERE tenant_id = 123
                AND hot_attrs @> '{"environment": "production", "priority": 8}')::text, '20',
                    'equality');
SELECT t.equal((SELECT count(*) FROM entity_jsonb WHERE tenant_id = 123
                AND hot_attrs @> '{"environment": "production"}'
                AND hot_attrs ->> 'state' IN ('online', 'standby')
                AND (hot_attrs ->> 'priority')::int >= 8)::text, '20', 'ranges');
SELECT t.ok((SELECT count(*) > 0 FROM entity_jsonb WHERE tenant_id = 123 AND hot_attrs ? 'state'),
    'existence');

-- Mixed: a hot filter, and the latest cold values of the entities found.
WITH hot AS (
    SELECT entity_id, hot_attrs FROM entity_jsonb
    WHERE tenant_id = 123 AND hot_attrs @> '{"environment": "production", "state": "online"}'
    ORDER BY updated_at DESC LIMIT 100
)
SELECT t.ok(count(*) > 10 AND bool_and(c.value_decimal = (h.entity_id % 50) + 0.5), 'mixed')
FROM hot h CROSS JOIN LATERAL (
    SELECT v.value_decimal FROM entity_values_ts v
    WHERE v.tenant_id = 123 AND v.entity_id = h.entity_id AND v.attribute_id = 504
      AND v.ingested_at >= now() - interval '7 days'
    ORDER BY v.ingested_at DESC LIMIT 1) c;

-- Distribution of one attribute by another.
SELECT t.equal(string_agg(d.firmware || ':' || d.entities || ':' || d.samples, ' '
    ORDER BY d.firmware),
               'v0:50:250 v1:50:250 v2:50:250 v3:50:250', 'distribution')
FROM (SELECT f.value AS firmware, count(DISTINCT t.entity_id) AS entities,
             avg(t.value_decimal) AS avg_temperature, min(t.value_decimal), max(t.value_decimal),
             percentile_cont(0.5) WITHIN GROUP (ORDER BY t.value_decimal) AS median,
             percentile_cont(0.95) WITHIN GROUP (ORDER BY t.value_decimal) AS p95,
             count(*) AS samples
      FROM entity_values_ts t
      JOIN entity_values_ts f ON f.tenant_id = t.tenant_id AND f.entity_id = t.entity_id
          AND f.ingested_at = t.ingested_at AND f.attribute_id = 505
      WHERE t.tenant_id = 123 AND t.attribute_id = 504
        AND t.ingested_at >= now() - interval '24 hours'
        AND f.ingested_at >= now() - interval '24 hours'
      GROUP BY f.value HAVING count(*) >= 10) d;

-- The functions.
SELECT upsert_hot_attrs(123, 5001, '{"state": "offline", "priority": 1}');
SELECT t.equal((SELECT hot_attrs ->> 'state' FROM entity_jsonb WHERE tenant_id = 123
    AND entity_id = 5001),
               'offline', 'upsert');
SELECT t.equal((SELECT count(*) FROM find_entities_by_attributes(123,
    '{"environment": "production", "firmware": "v2"}'))::text,
               '50', 'hot and cold');
SELECT t.equal((SELECT count(*) FROM find_entities_by_attributes(123, '{"temperature": 0.5}',
    '1 day', 3))::text,
               '3', 'cold alone, limited');
SELECT t.equal((SELECT count(*) FROM find_entities_by_attributes(123,
    '{"temperature": 0.5, "firmware": "v9"}'))::text,
               '0', 'no match');
SELECT t.equal((SELECT count(*) FROM find_entities_by_attributes(123, '{"nobody": 1}'))::text, '0',
    'unknown');
SELECT t.fails('SELECT * FROM find_entities_by_attributes(123, ''[]'')', '22023', 'JSON object');

-- Heartbeat, health, lag, statistics.
INSERT INTO replication_heartbeat (source) VALUES ('primary');
SELECT t.ok(atlas_heartbeat('primary') > now() - interval '1 minute', 'heartbeat');
SELECT t.ok((SELECT count(*) = 2 AND max(source) = 'primary' FROM replication_heartbeat), 'rows');
SELECT t.equal((SELECT count(*) FROM check_replication_lag())::text, '0', 'no follower');
SELECT atlas_ensure_partitions(ARRAY[d, d + 1]) FROM (SELECT (now() AT TIME ZONE 'UTC')::date d) x;
SELECT t.equal(health_check() ->> 'status', 'ok', 'health');
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value) VALUES (1, 123, 1,
    'x');
SELECT stage_flush();
SELECT t.equal(health_check() ->> 'status', 'warning', 'a rejected row shows');
SELECT t.ok((SELECT sum(data_points) >= 5000 FROM v_write_throughput), 'throughput');
UPDATE write_throughput SET window_start = window_start - interval '8 days'
    WHERE source = 'stage_flush';
SELECT t.ok(atlas_trim_throughput() > 0, 'old windows go');

INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_decimal, ingested_at)
    SELECT e, 123, 504, 1, ('2026-10-0' || d || ' 00:00:00+00')::timestamptz
        FROM generate_series(5001, 5100) e, (VALUES (1), (2)) x (d);
SELECT t.equal(atlas_collect_attribute_stats('2026-10-01')::text, '1', 'one pair');
SELECT atlas_collect_attribute_stats('2026-10-02');
SELECT atlas_collect_attribute_stats('2026-10-02');
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
REFRESH MATERIALIZED VIEW CONCURRENTLY mv_entity_attribute_stats;
SELECT t.ok((SELECT distinct_entities BETWEEN 90 AND 115 AND total_values = 200
             FROM mv_entity_attribute_stats WHERE tenant_id = 123
                 AND attribute_name = 'temperature'),
            'days add up, entities are not counted twice');
SELECT t.fails('SELECT atlas_collect_attribute_stats(current_date + 1)', '22023', 'not over');

-- Promotion by UPDATE.
INSERT INTO attributes (attribute_name, data_type) VALUES ('zone', 'string');
UPDATE attributes SET is_hot = true WHERE attribute_name = 'zone';
UPDATE attributes SET is_hot = false WHERE attribute_name = 'priority';
SELECT t.ok((SELECT count(*) = 0 FROM entity_jsonb WHERE tenant_id = 123
    AND hot_attrs ? 'priority'), 'demoted');

-- What exists by name.
SELECT t.ok(to_regclass('idx_entity_values_ts_brin') IS NOT NULL
            AND to_regclass('idx_entity_jsonb_hot_attrs') IS NOT NULL, 'index names');
SELECT t.equal((SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_publication_tables
                WHERE pubname = 'eav_cdc'),
               'attributes,entities,entity_jsonb,observations,replication_heartbeat,'
               'shapes,tenant_attributes,tenants',
               'publication');
SELECT t.equal((SELECT string_agg(column_name, ',' ORDER BY ordinal_position)
                FROM information_schema.columns WHERE table_name = 'entity_values_ts'),
               'entity_id,tenant_id,attribute_id,value,value_int,value_decimal,value_bool,'
               'value_timestamp,ingested_at,value_double,value_json,observed_at,received_at',
               'columns');
