-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: after COPY into staging and stage_flush, in batches of any size, the order of arrival
-- decides; rows that cannot be packed are stored with their reason; counts are right; staging is
-- empty.
COPY entity_values_ingest FROM STDIN WITH (NULL '');
1	10	7	first					2026-11-01 00:00:00+00
1	10	7	second					2026-11-01 00:00:00+00
1	10	1	5	5				2026-11-01 00:00:00+00
1	10	4			0.10			2026-11-01 00:00:00+00
999	10	7	x					2026-11-01 00:00:00+00
1	11	7	x					2026-11-01 00:00:00+00
1	10	77	x					2026-11-01 00:00:00+00
1	10	1	many					2026-11-01 00:00:00+00
	10	7	x					2026-11-01 00:00:00+00
1	10	7	x					2999-01-01 00:00:00+00
1	10	7	x					-infinity
\.
SELECT t.equal((SELECT count(*) FROM entity_values_ingest)::text, '11', 'rows show in staging');
SELECT t.equal((SELECT count(*) FROM ONLY entity_values_ingest)::text, '0',
    'they wait in the child');
SELECT t.equal((SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'entity_values_ingest'::regclass AND attnum > 0),
               'entity_id,tenant_id,attribute_id,value,value_int,value_decimal,value_bool,'
               'value_timestamp,ingested_at',
               'exactly these nine');
SELECT t.equal((SELECT relpersistence::text FROM pg_class WHERE relname = 'entity_values_ingest'),
               'u', 'unlogged');
SELECT t.equal(stage_flush(1)::text, '1', 'one row');
SELECT t.equal(t.hot(1), '{"status": "first"}', 'the first');
SELECT t.equal(stage_flush()::text, '10', 'the others');
SELECT t.equal(stage_flush()::text, '0', 'none left');
SELECT t.equal(t.history(1),
    E'11-01 00:00:00 count=5\n11-01 00:00:00 price=0.10\n11-01 00:00:00 status=second', 'history');
SELECT t.equal(t.hot(1), '{"price": 0.10, "status": "second"}', 'state');
SELECT t.equal((SELECT string_agg(split_part(reason, ':', 1), ',' ORDER BY split_part(reason, ':',
    1))
                FROM entity_values_rejected),
               'time_out_of_range,time_out_of_range,unknown_attribute,unknown_entity,'
               'unknown_entity,unknown_entity,wrong_type',
               'reasons');
SELECT t.equal((SELECT sum(data_points) FROM v_write_throughput)::text, '4', 'counted');

-- Nothing is stored for a retired entity or a disabled tenant.
SELECT atlas_delete_entity(10, 2);
UPDATE tenants SET is_active = false WHERE tenant_id = 11;
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value)
    VALUES (2, 10, 7, 'x'), (101, 11, 7, 'x');
SELECT stage_flush();
SELECT t.equal((SELECT string_agg(split_part(reason, ':', 1), ',' ORDER BY reason)
                FROM (SELECT reason FROM entity_values_rejected
                    ORDER BY rejected_at DESC LIMIT 2) r),
               'entity_deleted,tenant_inactive', 'reasons of life');

-- Order across statements, savepoints and a rolled back flush.
BEGIN;
INSERT INTO entity_values_ingest VALUES (3, 10, 7, 'a', NULL, NULL, NULL, NULL,
    '2026-11-01 00:00:00+00');
SAVEPOINT s;
INSERT INTO entity_values_ingest VALUES (3, 10, 7, 'b', NULL, NULL, NULL, NULL,
    '2026-11-01 00:00:00+00');
RELEASE s;
INSERT INTO entity_values_ingest VALUES (3, 10, 7, 'c', NULL, NULL, NULL, NULL,
    '2026-11-01 00:00:00+00');
COMMIT;
BEGIN;
SELECT t.equal(stage_flush()::text, '3', 'flushed');
ROLLBACK;
SELECT t.ok(t.history(3) IS NULL, 'rolled back');
SELECT t.equal(stage_flush()::text, '3', 'nothing is lost by it');
SELECT t.equal(t.history(3), '11-01 00:00:00 status=c', 'the last to arrive');

-- The limit of attributes.
UPDATE tenants SET max_attributes = 3, max_hot = 2 WHERE tenant_id = 10;
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value) VALUES (3, 10, 8, 'x');
SELECT stage_flush();
SELECT t.ok(EXISTS (SELECT FROM entity_values_rejected WHERE reason LIKE 'attribute_limit:%'),
    'limit');
UPDATE tenants SET max_attributes = 30 WHERE tenant_id = 10;
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value) VALUES (3, 10, 2,
    'true');
SELECT stage_flush();
SELECT t.equal((SELECT is_hot FROM tenant_attributes WHERE tenant_id = 10
    AND attribute_id = 2)::text,
               'false', 'a hot one too many stays cold');

-- Frequent combinations get a shape; rare ones list their attributes.
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value_int)
    SELECT g, 10, 1, g FROM generate_series(10, 30) g;
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value) VALUES (31, 10, 1,
    '1'), (31, 10, 4, '2');
SELECT t.equal(stage_flush()::text, '23', 'shapes');
SELECT t.equal(string_agg(DISTINCT (shape_id IS NULL) || ' ' || coalesce(attrs::text, '-'), ',' ),
    'false -,true {1,4}', 'shape or attributes')
    FROM observations WHERE entity_id BETWEEN 10 AND 31;
SELECT t.fails('SELECT stage_flush(0)', '22023', 'p_limit');

-- A row that the database rejects for an unforeseen reason does not block the others.
ALTER TABLE observations ADD CONSTRAINT unforeseen CHECK (entity_id <> 55);
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value)
    SELECT g, 10, 8, 'x' FROM generate_series(50, 60) g;
SELECT t.equal(stage_flush()::text, '11', 'taken');
SELECT t.equal((SELECT count(*) FROM observations WHERE entity_id BETWEEN 50 AND 60)::text, '10',
               'the others');
SELECT t.equal((SELECT entity_id || ' ' || left(reason, 20) FROM entity_values_rejected
                WHERE reason LIKE 'refused: %'), '55 refused: new row for', 'the one bad row');
ALTER TABLE observations DROP CONSTRAINT unforeseen;
SELECT t.fails($q$INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value)
                  VALUES (1, 10, 8, repeat('x', 16777217))$q$, '23514', 'value_is_no_file');
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value)
    SELECT 61, 10, 8, repeat('x', 16000000) FROM generate_series(1, 6);
SELECT t.equal(stage_flush()::text, '4', 'as many as fit');
SELECT t.equal(stage_flush()::text, '2', 'the others');

-- The space of moved rows is released after staging has grown.
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value)
    SELECT 40, 10, 8, repeat('x', 200) FROM generate_series(1, 80000);
SELECT t.ok(pg_relation_size('entity_values_ingest') > 16 << 20, 'grown');
SELECT stage_flush(100000);
SELECT t.equal(pg_relation_size('entity_values_ingest')::text, '0', 'trimmed');
