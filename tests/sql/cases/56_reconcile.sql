-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: reconciliation finds a state that differs from history and repairs it to the latest
-- observation; it finds nothing where they agree, and leaves values without history alone.
-- A month with a day partition gets more of them, so history is always in two partitions.
SELECT atlas_attach_partition('observations_p20261101', '2026-11-01', '2026-11-02');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    SELECT g, 10, a, CASE a WHEN 7 THEN 's' || d ELSE d || '.5' END,
           '2026-11-01 00:00:00+00'::timestamptz + d * interval '6 hours'
    FROM generate_series(1, 20) g, (VALUES (3), (7)) x (a), generate_series(1, 6) d;
SELECT t.equal((SELECT count(*) FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged)::text, '0',
               'they agree');
SELECT t.equal((SELECT count(*) FROM atlas_check_hot_state(10, 5, 1000))::text, '195',
               'after the fifth');
INSERT INTO tenant_attributes (tenant_id, attribute_id, type) VALUES (10, 4, 'decimal');
UPDATE entity_jsonb SET hot_attrs = '{"level": 6.5, "status": "wrong"}' WHERE entity_id = 3;
UPDATE entity_jsonb SET hot_attrs = '{"status": "s6"}' WHERE entity_id = 4;
UPDATE entity_jsonb SET hot_attrs = hot_attrs || '{"price": 7}' WHERE entity_id = 5;
SELECT t.equal((SELECT string_agg(entity_id::text, ',' ORDER BY entity_id)
                FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged), '3,4', 'found');
SELECT t.equal(atlas_mend_hot_state('{10,10,10}', '{3,4,5}')::text, '2', 'repaired');
SELECT t.equal(t.hot(3), '{"level": 6.5, "status": "s6"}', 'the latest observation');
SELECT t.equal(t.hot(4), '{"level": 6.5, "status": "s6"}', 'what was missing');
SELECT t.ok(t.hot(5) LIKE '%price%', 'a value without history stays');
SELECT t.equal((SELECT count(*) FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged)::text, '0',
               'nothing is left');

-- The state has more attributes than the newest observation, so that older ones are read, too.
-- Each shape counts by its newest observation, and an attribute by the newest shape that has it.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (6, 10, 7, 'alone', '2026-11-02 20:00+00'), (6, 10, 8, 'cold', '2026-11-02 21:00+00'),
    (6, 10, 2, 'true', '2026-11-02 22:00+00'), (6, 10, 5, '2026-01-01T00:00:00Z',
    '2026-11-02 22:00+00'), (6, 10, 4, '7.50', '2026-11-02 22:30+00'),
    (6, 10, 6, '{"a": [1]}', '2026-11-02 22:40+00'), (6, 10, 9, '12', '2026-11-02 22:50+00'),
    (6, 10, 9, NULL, '2026-11-02 23:00+00');
SELECT t.equal(t.hot(6), '{"due": "2026-01-01T00:00:00.000000Z", "tags": {"a": [1]}, '
    '"armed": true, "level": 6.5, "price": 7.50, "status": "alone"}', 'of every type');
SELECT t.ok((SELECT NOT diverged FROM atlas_check_hot_state(10, 5, 1)), 'they agree');
CREATE FUNCTION pg_temp.found(other jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    found boolean;
    was jsonb := t.hot(6)::jsonb;
BEGIN
    UPDATE public.entity_jsonb SET hot_attrs = hot_attrs || other WHERE entity_id = 6;
    SELECT diverged INTO found FROM public.atlas_check_hot_state(10, 5, 1);
    UPDATE public.entity_jsonb SET hot_attrs = was WHERE entity_id = 6;
    RETURN found;
END $$;
SELECT t.ok(pg_temp.found(o), o::text) FROM unnest(ARRAY['{"status": "s6"}', '{"armed": false}',
    '{"due": "2026-01-01T00:00:00.000001Z"}', '{"price": 7.51}', '{"tags": {"a": [2]}}',
    '{"level": 6.25}', '{"hits": 12}']::jsonb[]) o;
SELECT t.ok(pg_temp.found(o), o::text) FROM unnest(ARRAY['{"count": 1}', '{"note": "cold"}',
    '{"nothing has this name": 1}']::jsonb[]) o;

-- Goal: whatever the state held, it is what history says after a repair, and the repairs end.
UPDATE entity_jsonb SET hot_attrs = '{"level": 6.5, "status": "s6", "count": 1, "none": [2]}',
    hot_at = '{"none": 1}' WHERE entity_id = 10;
UPDATE entity_jsonb SET hot_attrs = '{"none": 1}', hot_at = '{"note": 5}'
    WHERE entity_id IN (11, 50, 150);
SELECT t.equal((SELECT string_agg(entity_id::text, ',' ORDER BY entity_id)
                FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged), '10,11,50,150', 'strays');
SELECT t.equal(atlas_mend_hot_state('{10,10,10,11}', '{10,11,50,150}')::text, '6', 'repaired');
SELECT t.equal(t.hot(10), '{"level": 6.5, "status": "s6"}', 'a stray went');
SELECT t.equal(t.hot(11), '{"level": 6.5, "status": "s6"}', 'nothing but strays');
SELECT t.equal(t.hot(50) || t.hot(150), '{}{}', 'without history');
SELECT t.equal((SELECT string_agg(hot_at::text, ' ' ORDER BY entity_id) FROM entity_jsonb
                WHERE entity_id IN (10, 50, 150)), '{} {} {}', 'times, too');
SELECT t.equal((SELECT count(*) FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged)::text, '0',
               'nothing is left');
SELECT t.fails(format('UPDATE entity_jsonb SET %s = %L WHERE entity_id = 10', c, v), '23514',
    c || '_is_object') FROM (VALUES ('hot_attrs'), ('hot_at')) x (c),
    (VALUES ('[1]'), ('"str"'), ('1'), ('null')) y (v);
-- A state from before the constraints.
ALTER TABLE entity_jsonb DROP CONSTRAINT hot_attrs_is_object, DROP CONSTRAINT hot_at_is_object;
UPDATE entity_jsonb SET hot_attrs = '["level", 1]', hot_at = '"none"' WHERE entity_id = 12;
UPDATE entity_jsonb SET hot_attrs = '"level"' WHERE entity_id = 13;
UPDATE entity_jsonb SET hot_at = '3' WHERE entity_id = 14;
SELECT t.equal(atlas_mend_hot_state('{10,10,10}', '{12,13,14}')::text, '7', 'no objects');
SELECT t.equal((SELECT string_agg(DISTINCT hot_attrs::text || jsonb_typeof(hot_at), ' ')
                FROM entity_jsonb WHERE entity_id IN (12, 13, 14)),
               '{"level": 6.5, "status": "s6"}object', 'objects');
UPDATE entity_jsonb SET hot_attrs = '[1]', hot_at = '{"level": 1}' WHERE entity_id = 12;
UPDATE entity_jsonb SET hot_at = '[]' WHERE entity_id = 13;
\i sql/migrations/0006_states.sql
SELECT t.equal((SELECT string_agg(hot_attrs::text || hot_at, ' ' ORDER BY entity_id)
                FROM entity_jsonb WHERE entity_id IN (12, 13)),
               '{}{} {"level": 6.5, "status": "s6"}{}', 'an upgrade');
SELECT t.equal((SELECT string_agg(entity_id::text, ',')
                FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged), '12', 'is found');
SELECT t.equal(atlas_mend_hot_state('{10}', '{12}')::text, '2', 'and repaired');

-- An attribute is found below any number of newer observations without it, up to 255.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    SELECT e, 10, 8, 'cold', '2026-11-02 22:00+00'::timestamptz + m * interval '1 second'
    FROM (VALUES (7, 7), (8, 60), (9, 250)) x (e, n), generate_series(1, n) m;
UPDATE entity_jsonb SET hot_attrs = '{"level": 6.5, "status": "wrong"}'
    WHERE entity_id IN (7, 8, 9);
SELECT t.equal((SELECT string_agg(entity_id::text, ',' ORDER BY entity_id)
                FROM atlas_check_hot_state(10, 6, 4) WHERE diverged), '7,8,9', 'far below');
SELECT t.equal(atlas_mend_hot_state('{10,10,10}', '{7,8,9}')::text, '3', 'and repaired');
SELECT t.ok((SELECT NOT bool_or(diverged) FROM atlas_check_hot_state(10, 6, 4)), 'they agree');

-- An attribute that the state lost and the newest observation lacks is found in some entities at a
-- time: none of 2,000 has odds of 10^-7.
INSERT INTO entities (entity_id, tenant_id, external_id)
    SELECT g, 10, 'lost' || g FROM generate_series(1001, 3000) g;
INSERT INTO observations
    SELECT 10, e, '2026-11-01 00:00+00'::timestamptz + a * interval '1 hour', now(), NULL, ARRAY[a],
           NULL, NULL, NULL, ARRAY['x']
    FROM generate_series(1001, 3000) e, generate_series(7, 8) a;
UPDATE entity_jsonb SET last_day = '2026-11-01' WHERE entity_id BETWEEN 1001 AND 3000;
SELECT t.ok((SELECT count(*) FILTER (WHERE diverged) BETWEEN 1 AND 200
             FROM atlas_check_hot_state(10, 1000, 2000)), 'some of those that lost it');
ALTER TABLE entity_jsonb DISABLE TRIGGER entity_jsonb_deleted;
DELETE FROM entity_jsonb WHERE entity_id BETWEEN 1001 AND 3000;
ALTER TABLE entity_jsonb ENABLE TRIGGER entity_jsonb_deleted;

-- Goal: neither a partition without statistics, nor one whose statistics are of its first rows, nor
-- the rows of aborted loads make the check or the repair read more than the newest observations of
-- each entity. (With the statistics of one entity the planner took the index on tenant and time to
-- be as good as the key, and read all of the tenant's rows for each of its entities.)
SELECT atlas_ensure_partitions('{2026-11-03}');
ALTER TABLE observations_p20261103 SET (autovacuum_enabled = off);
CREATE FUNCTION pg_temp.fill(entities int4range) RETURNS void LANGUAGE sql AS $$
    INSERT INTO public.observations
        SELECT 10, e, '2026-11-03 00:00+00'::timestamptz + m * interval '1 second' + e * interval
            '1 ms', now(), NULL, '{3,7}', NULL, ARRAY[m], NULL, ARRAY['on']
        FROM generate_series(1, 400) m,
             generate_series(lower(entities), upper(entities) - 1) e;
$$;
-- The rows of the partition and the entries of its indexes that this session has read.
CREATE FUNCTION pg_temp.tuples() RETURNS bigint LANGUAGE sql AS $$
    SELECT sum(pg_stat_get_xact_tuples_returned(r) + pg_stat_get_xact_tuples_fetched(r))::bigint
    FROM (SELECT 'public.observations_p20261103'::regclass::oid AS r
          UNION ALL SELECT indexrelid FROM pg_index
          WHERE indrelid = 'public.observations_p20261103'::regclass) x;
$$;
SELECT $q$SELECT count(*) || ' ' || count(*) FILTER (WHERE diverged)
          FROM atlas_check_hot_state(10, 0, 50)$q$ AS check,
       $q$SELECT atlas_mend_hot_state(array_fill(10::bigint, ARRAY[50]), array_agg(e::bigint))
          FROM generate_series(1, 50) e$q$ AS repair
    \gset
CREATE FUNCTION pg_temp.bounded(statement text, expected text, bound bigint, what text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before bigint := pg_temp.tuples();
    said text;
BEGIN
    EXECUTE statement INTO said;
    PERFORM t.equal(said, expected, what);
    PERFORM t.ok(pg_temp.tuples() - before BETWEEN 1 AND bound,
                 what || ' read ' || pg_temp.tuples() - before);
END $$;
BEGIN;
SELECT pg_temp.fill('[1,101)');
ROLLBACK;
SELECT pg_temp.fill('[1,2)');
ANALYZE observations_p20261103;
SELECT pg_temp.fill('[2,101)');
BEGIN;
SELECT pg_temp.fill('[101,201)');
ROLLBACK;
UPDATE entity_jsonb SET last_day = '2026-11-03', hot_attrs = '{"level": 400, "status": "on"}',
    hot_at = '{}' WHERE tenant_id = 10;
UPDATE entity_jsonb SET hot_attrs = '{"level": 399, "status": "on"}' WHERE entity_id = 20;
-- The newest observation, for one in 128 more of them, and the aborted ones on the way.
SELECT pg_temp.bounded(:'check', '50 1', 50 * 1600, 'check, statistics of one entity');
-- Entries of the index and rows, live and aborted, for each of the seven hot attributes, most of
-- which are found nowhere. Entity 6 gets back what it has on other days.
SELECT pg_temp.bounded(:'repair', '5', 50 * 1600 * 7, 'repair, statistics of one entity');
INSERT INTO attributes (attribute_id, attribute_name, type, is_hot)
    VALUES (950, 'elsewhere', 'int', true);
INSERT INTO tenant_attributes (tenant_id, attribute_id, type) VALUES (10, 950, 'int');
UPDATE entity_jsonb SET hot_attrs = hot_attrs || '{"elsewhere": 1}' WHERE tenant_id = 10;
SELECT pg_temp.bounded(:'check', '50 0', 50 * 1600, 'check of all that is recent');
ANALYZE observations_p20261103;
SELECT pg_temp.bounded(:'check', '50 0', 50 * 1600, 'check, statistics of all');
