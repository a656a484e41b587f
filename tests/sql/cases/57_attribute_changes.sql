-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: retyping, renaming and dropping an attribute of one tenant: what the view, the current
-- state and later writes make of values from before; other tenants notice nothing; the current
-- state follows in steps that can be resumed.
CREATE FUNCTION pg_temp.follow(batch integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    steps integer := 1;
BEGIN
    WHILE public.atlas_continue_changes(NULL, batch) LOOP
        steps := steps + 1;
    END LOOP;
    RETURN steps;
END $$;
CREATE FUNCTION pg_temp.points(entity bigint, name text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws('/', value, value_decimal, value_double), ' ' ORDER BY observed_at)
    FROM entity_values_ts JOIN attributes USING (attribute_id)
    WHERE entity_id = entity AND attribute_name = name;
$$;
CREATE FUNCTION pg_temp.name_of(attribute bigint) RETURNS text LANGUAGE sql AS $$
    SELECT attribute_name FROM attributes WHERE attribute_id = attribute;
$$;

-- A first value that made the attribute a string ---------------------------------------------

INSERT INTO attributes (attribute_id, attribute_name, data_type, is_hot)
    VALUES (500, 'reading', 'string', true);
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (1, 10, 500, 'n/a', '2026-11-01 00:00:00+00'), (1, 10, 500, '21.50', '2026-11-01 00:00:01+00'),
    (2, 10, 500, 'n/a', '2026-11-01 00:00:00+00'), (3, 10, 500, '1e3', '2026-11-01 00:00:00+00'),
    (3, 10, 500, 'broken', '2026-11-01 00:00:01+00'),
    (101, 11, 500, '7', '2026-11-01 00:00:00+00');
SELECT t.equal(stored || ' ' || lost, '5 3', 'what would be lost')
    FROM (SELECT sum(c.stored) AS stored, sum(c.lost) AS lost FROM atlas_partitions() p
          CROSS JOIN LATERAL atlas_count_values(10, 'reading', 'double', p.partition) c) s;
UPDATE shards SET writer = 9;
SELECT t.equal(atlas_retype_attribute(10, 'reading', 'double'), 'ok', 'retyped');
SELECT t.ok((SELECT bool_and(writer = 0) FROM shards), 'gateways drop their cached states');
SELECT t.equal(atlas_retype_attribute(10, 'reading', 'int'), 'changing', 'one change at a time');
SELECT t.equal(pg_temp.points(1, 'reading'), '21.5/21.5/21.5', 'converted, and absent');
SELECT t.equal(pg_temp.points(2, 'reading'), NULL, 'nothing converts');
SELECT t.equal(pg_temp.points(101, 'reading'), '7', 'another tenant');
SELECT t.equal(t.hot(1), '{"reading": "21.50"}', 'the state does not follow by itself');
-- New values are stored under the new type at once, one of them at an old instant.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_double, ingested_at) VALUES
    (1, 10, 500, 22.5, '2026-11-01 00:00:02+00'), (3, 10, 500, 5, '2026-11-01 00:00:01+00');
SELECT t.fails('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES '
               '(1, 10, 500, ''n/a'')', '22023', 'wrong_type');
SELECT t.ok(pg_temp.follow(1) > 90, 'in steps of one entity');
SELECT t.equal(t.hot(1), '{"reading": 22.5}', 'a new value stays');
SELECT t.equal(t.hot(2), '{}', 'no value converts');
SELECT t.equal(t.hot(3), '{"reading": 5}', 'the instant was written again');
SELECT t.equal(t.hot(101), '{"reading": "7"}', 'another tenant');
SELECT t.equal(pg_temp.points(1, 'reading'), '21.5/21.5/21.5 22.5/22.5/22.5', 'old and new');
SELECT t.equal(pg_temp.points(3, 'reading'), '1000/1000/1000 5/5/5', 'of one instant the new one');
SELECT t.equal((SELECT count(*)::text FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged), '0',
    'reconciliation agrees');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_double, ingested_at)
    VALUES (2, 10, 500, 1.5, '2026-10-31 00:00:00+00');
SELECT t.equal(t.hot(2), '{"reading": 1.5}', 'late, but nothing later converts');
UPDATE entity_jsonb SET hot_attrs = '{"reading": 99}' WHERE entity_id IN (1, 3);
SELECT t.equal((SELECT string_agg(entity_id::text, ' ' ORDER BY entity_id)
                FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged), '1 3', 'and finds damage');
SELECT t.equal(atlas_mend_hot_state('{10,10}', '{1,3}')::text, '2', 'which it repairs');
SELECT t.equal(t.hot(1) || t.hot(3), '{"reading": 22.5}{"reading": 5}', 'from history');

-- Back to string: what never converted is there again ----------------------------------------

SELECT t.equal(atlas_retype_attribute(10, 'reading', 'string'), 'ok', 'retyped again');
SELECT t.ok(pg_temp.follow(1000) = 1, 'in one step');
SELECT t.equal(pg_temp.points(1, 'reading'), 'n/a 21.50 22.5', 'a chain of three');
SELECT t.equal(t.hot(1), '{"reading": "22.5"}', 'from the state or history');
SELECT t.equal(t.hot(2), '{"reading": "n/a"}', 'from history');
SELECT t.equal((SELECT count(*)::text FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged), '0',
    'reconciliation agrees');
SELECT t.equal((SELECT string_agg(format('%s %s %s', state, type, continues IS NOT NULL), ', '
                                  ORDER BY created_at, attribute_id)
                FROM tenant_attributes WHERE tenant_id = 10 AND name_id = 500),
    'superseded string f, superseded double t, current string t', 'what was is kept');
SELECT t.equal(atlas_retype_attribute(10, 'nobody', 'int'), 'unknown_attribute', 'unknown');
SELECT t.equal(atlas_retype_attribute(10, 'reading', 'string'), 'unchanged', 'the same type');

-- An int that widens takes what it superseded along ------------------------------------------

INSERT INTO attributes (attribute_id, attribute_name, data_type) VALUES (501, 'grade', 'string');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (4, 10, 501, '3', '2026-11-01 00:00:00+00'), (4, 10, 501, '2.5', '2026-11-01 00:00:01+00');
SELECT t.equal(atlas_retype_attribute(10, 'grade', 'int'), 'ok', 'retyped');
SELECT t.equal(pg_temp.points(4, 'grade'), '3/3', 'a fraction is no int');
UPDATE tenant_attributes SET type = 'double' WHERE name_id = 501 AND state = 'current';
SELECT t.equal(pg_temp.points(4, 'grade'), '3/3/3 2.5/2.5/2.5', 'but a double');

INSERT INTO attributes (attribute_id, attribute_name, data_type, is_hot)
    VALUES (504, 'seen', 'string', true);
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (8, 10, 504, '2026-02-30T00:00:00Z', '2026-11-01 00:00:00+00'),
    (8, 10, 504, '2026-11-01T10:00:00.5+01:00', '2026-11-01 00:00:01+00');
SELECT t.equal(atlas_retype_attribute(10, 'seen', 'timestamp'), 'ok', 'times');
SELECT pg_temp.follow(1000);
SELECT t.equal(pg_temp.points(8, 'seen') || t.hot(8),
    '2026-11-01T09:00:00.500000Z{"seen": "2026-11-01T09:00:00.500000Z"}', 'times in text');

-- Renaming -----------------------------------------------------------------------------------

INSERT INTO attributes (attribute_id, attribute_name, data_type, is_hot)
    VALUES (502, 'manner', 'string', true), (503, 'taken', 'string', true);
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (5, 10, 502, 'auto', '2026-11-01 00:00:00+00'), (6, 10, 502, 'off', '2026-11-01 00:00:00+00'),
    (7, 10, 503, 'x', '2026-11-01 00:00:00+00'), (102, 11, 502, 'on', '2026-11-01 00:00:00+00');
SELECT t.equal(atlas_rename_attribute(10, 'manner', 'taken'), 'name_in_use', 'taken');
INSERT INTO attribute_stats VALUES (10, 502, '2026-11-01', 2, 3), (11, 502, '2026-11-01', 1, 1);
SELECT t.equal(atlas_rename_attribute(10, 'manner', 'state'), 'ok', 'renamed');
SELECT t.equal((SELECT string_agg(concat_ws(' ', tenant_id, attribute_name, total_values), ', '
                                  ORDER BY tenant_id)
                FROM attribute_stats JOIN attributes USING (attribute_id)),
    '10 state 3, 11 manner 1', 'with its statistics');
SELECT t.equal(pg_temp.points(5, 'state') || coalesce(pg_temp.points(5, 'manner'), '-'), 'auto-',
    'history has the new name at once');
-- Until the state has followed, both names mean the attribute.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    VALUES (5, 10, 502, 'manual', '2026-11-01 00:00:01+00');
SELECT upsert_hot_attrs(10, 6, '{"manner": "on"}');
SELECT t.equal(t.hot(5) || t.hot(6), '{"state": "manual"}{"state": "on"}', 'written by old name');
SELECT t.equal(atlas_rename_attribute(10, 'taken', 'manner'), 'changing', 'the old name is taken');
SELECT t.ok(pg_temp.follow(7) > 1, 'in steps');
SELECT t.equal(t.hot(5) || t.hot(6), '{"state": "manual"}{"state": "on"}', 'nothing is lost');
SELECT t.ok((SELECT NOT bool_or(hot_attrs ? 'manner' OR hot_at ? 'manner') FROM entity_jsonb
             WHERE tenant_id = 10), 'the old name is gone');
SELECT t.equal(t.hot(102) || pg_temp.points(102, 'manner'), '{"manner": "on"}on', 'another tenant');
-- Then the name is free for another attribute, whose storage is its own.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    VALUES (5, 10, 502, 'other', '2026-11-01 00:00:02+00');
SELECT t.equal(pg_temp.points(5, 'manner') || ' ' || pg_temp.points(5, 'state'),
    'other auto manual', 'two attributes');
SELECT t.equal(t.hot(5), '{"state": "manual", "manner": "other"}', 'of the state, too');

-- Dropping -----------------------------------------------------------------------------------

SELECT t.equal(atlas_drop_attribute(10, 'state'), 'ok', 'dropped');
SELECT t.equal(pg_temp.points(5, 'state'), NULL, 'no longer shown');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    SELECT 6, 10, attribute_id, 'new', '2026-10-31 00:00:02+00' FROM attributes
    WHERE attribute_name = 'state';
SELECT t.ok(pg_temp.follow(1000) = 1, 'in one step');
SELECT t.equal(t.hot(5) || t.hot(6), '{"manner": "other"}{"state": "new"}', 'the state follows');
SELECT t.equal(pg_temp.points(6, 'state'), 'new', 'a later write begins another attribute');
SELECT t.equal(atlas_drop_attribute(10, 'state') || atlas_drop_attribute(10, 'state'),
    'okunknown_attribute', 'twice');
SELECT pg_temp.follow(1000);
SELECT t.equal((SELECT count(*)::text FROM atlas_check_hot_state(0, 0, 1000) WHERE diverged), '0',
    'reconciliation agrees');
SELECT t.equal((SELECT count(*)::text FROM attribute_changes), '0', 'nothing is left to do');

-- Limits count what there is; dropped and superseded attributes do not.
SELECT count(*) AS present FROM tenant_attributes WHERE tenant_id = 10 AND state = 'current' \gset
UPDATE tenants SET max_attributes = :present + 1 WHERE tenant_id = 10;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value)
    SELECT 6, 10, attribute_id, 'again' FROM attributes WHERE attribute_name = 'state';
SELECT t.equal(t.hot(6), '{"state": "again"}', 'there is room');

-- What is written between a change and the state's following it stays as it was written, also
-- where the former type could have had something like it.
UPDATE tenants SET max_attributes = 1000, max_hot = 64 WHERE tenant_id = 10;
INSERT INTO attributes (attribute_id, attribute_name, data_type, is_hot) VALUES
    (530, 'exact', 'double', true), (531, 'when', 'timestamp', true);
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    SELECT e, 10, a.id, a.value, '2026-11-01 00:00:00+00' FROM generate_series(31, 33) e,
        (VALUES (530, '0.5'), (531, '2026-01-01T00:00:00Z')) a (id, value);
SELECT atlas_retype_attribute(10, 'exact', 'decimal'), atlas_retype_attribute(10, 'when', 'string');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (31, 10, 530, '0.1234567890123456789', '2026-11-01 01:00+00'),
    (32, 10, 530, '1e400', '2026-11-01 01:00+00'), (33, 10, 530, '1e-400', '2026-11-01 01:00+00'),
    (31, 10, 531, '2026-01-01T02:00:00+02:00', '2026-11-01 01:00+00');
CREATE TABLE t.written AS SELECT entity_id, hot_attrs FROM entity_jsonb WHERE entity_id < 34;
SELECT pg_temp.follow(500);
SELECT t.equal(j.hot_attrs ->> 'exact', w.hot_attrs ->> 'exact', w.entity_id::text)
    FROM entity_jsonb j JOIN t.written w USING (entity_id) WHERE entity_id BETWEEN 31 AND 33;
SELECT t.equal(hot_attrs ->> 'when', '2026-01-01T02:00:00+02:00', 'a text that is a time')
    FROM entity_jsonb WHERE entity_id = 31;
SELECT t.equal(hot_attrs ->> 'when', '2026-01-01T00:00:00.000000Z', 'a time from before')
    FROM entity_jsonb WHERE entity_id = 32;
