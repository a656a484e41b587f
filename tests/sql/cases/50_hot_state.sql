-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: a hot value equals the latest observation's, through late values, suppressed repetitions,
-- nulls and equal instants; unchanged state is not written.
-- A month with a day partition gets more of them, so the late values always cross partitions.
SELECT atlas_attach_partition('observations_p20261101', '2026-11-01', '2026-11-02');
CREATE FUNCTION pg_temp.put(at text, v text) RETURNS text LANGUAGE sql AS $$
    INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
        VALUES (1, 10, 7, v, ('2026-11-' || at || '+00')::timestamptz);
    SELECT t.hot(1);
$$;
SELECT t.equal(pg_temp.put('02 10:00', 'on'), '{"status": "on"}', 'first');
SELECT xmin::text AS before, updated_at AS changed FROM entity_jsonb WHERE entity_id = 1 \gset
SELECT t.equal(pg_temp.put('02 12:00', 'on'), '{"status": "on"}', 'repeated');
SELECT t.equal((SELECT xmin::text FROM entity_jsonb WHERE entity_id = 1), :'before', 'suppressed');
-- Newer than hot_at says, but older than the suppressed repetition.
SELECT t.equal(pg_temp.put('02 11:00', 'off'), '{"status": "on"}', 'late');
SELECT t.equal(pg_temp.put('02 12:00', 'off'), '{"status": "off"}',
    'same instant: the newest arrival');
SELECT t.equal(pg_temp.put('01 00:00', 'older'), '{"status": "off"}', 'older than the state');
-- A repetition on a later day changes the last day and nothing else.
SELECT t.equal(pg_temp.put('05 00:00', 'off'), '{"status": "off"}', 'a new day');
SELECT t.equal((SELECT last_day FROM entity_jsonb WHERE entity_id = 1)::text, '2026-11-05',
    'last day');
SELECT t.equal(pg_temp.put('04 00:00', 'late'), '{"status": "off"}', 'late across partitions');
SELECT t.equal(pg_temp.put('06 00:00', NULL), '{}', 'removed');
SELECT t.equal((SELECT hot_at ->> 'status' FROM entity_jsonb WHERE entity_id = 1),
               (1793923200000000)::text, 'the removal keeps its instant');
SELECT t.equal(pg_temp.put('05 12:00', 'late'), '{}', 'older than the removal');
SELECT t.equal(pg_temp.put('06 00:01', 'back'), '{"status": "back"}', 'again');
-- A null that removes nothing leaves no time in the state, but history has it.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (2, 10, 7, NULL, '2026-11-03 00:00+00');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (2, 10, 7, 'x', '2026-11-02 00:00+00');
SELECT t.equal(t.hot(2), '{}', 'a null in history wins');
-- A state whose history was dropped by retention stays.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (3, 10, 7, 'kept', '2026-11-03 00:00+00');
DELETE FROM observations WHERE entity_id = 3;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (3, 10, 7, 'older', '2026-11-02 00:00+00');
SELECT t.equal(t.hot(3), '{"status": "kept"}', 'carried over');

-- upsert_hot_attrs: an observation of now, nulls ignored, unknown attributes become hot.
SELECT upsert_hot_attrs(10, 4,
    '{"status": "on", "speed": 4.5, "gear": 3, "tags": ["a"], "armed": true, "note": null}');
SELECT t.equal(t.hot(4), '{"gear": 3, "tags": ["a"], "armed": true, "speed": 4.5, "status": "on"}',
    'delta');
SELECT t.equal((SELECT count(DISTINCT ingested_at) || ' ' || count(*) FROM entity_values_ts
                WHERE entity_id = 4), '1 5', 'one observation');
SELECT upsert_hot_attrs(10, 4, '{"note": "cold"}');
SELECT t.ok(NOT t.hot(4) LIKE '%cold%' OR EXISTS (SELECT FROM tenant_attributes WHERE tenant_id = 10
            AND attribute_id = 8 AND is_hot), 'an attribute new to the tenant becomes hot');
SELECT t.fails('SELECT upsert_hot_attrs(10, 999, ''{"a": 1}'')', '22023', 'unknown_entity');
SELECT t.fails('SELECT upsert_hot_attrs(10, 1, ''[1]'')', '22023', 'JSON object');
SELECT t.fails('SELECT upsert_hot_attrs(10, 1, ''{"armed": 7}'')', '22023', 'wrong_type');
SELECT t.fails($q$SELECT upsert_hot_attrs(10, 1, '{"": 7}')$q$, '22023', 'attribute name');
SELECT t.fails($q$SELECT upsert_hot_attrs(10, 1, jsonb_build_object(repeat('n', 256), 7))$q$,
               '22023', 'attribute name');
SELECT upsert_hot_attrs(10, 5, jsonb_build_object(repeat('n', 255), 7));
SELECT t.equal(t.hot(5)::jsonb ->> repeat('n', 255), '7', 'a name of 255 bytes');

-- Goal: the reference's repair of the hot state from the last hour of history, which is one
-- statement over the view, runs over retired entities, entities of a disabled tenant and entities
-- that are no longer registered, and leaves them as they are.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value)
    SELECT e, t, 7, 'of history' FROM (VALUES (10, 11), (10, 12), (10, 13), (11, 101)) x (t, e);
UPDATE entity_jsonb SET hot_attrs = '{"status": "drifted"}' WHERE entity_id IN (11, 12, 13, 101);
SELECT t.equal(atlas_delete_entity(10, 12), 'ok', 'retired');
UPDATE tenants SET is_active = false WHERE tenant_id = 11;
UPDATE observations SET entity_id = 4711 WHERE entity_id = 13;
CREATE FUNCTION pg_temp.repair() RETURNS bigint LANGUAGE sql AS $$
    WITH latest AS (
        SELECT DISTINCT ON (v.tenant_id, v.entity_id, v.attribute_id)
               v.tenant_id, v.entity_id, a.attribute_name, v.value
        FROM public.entity_values_ts v JOIN public.attributes a USING (attribute_id)
        WHERE a.is_hot AND v.value = 'of history' AND v.ingested_at >= now() - interval '1 hour'
        ORDER BY v.tenant_id, v.entity_id, v.attribute_id, v.ingested_at DESC
    ), repaired AS MATERIALIZED (
        SELECT upsert_hot_attrs(tenant_id, entity_id, jsonb_object_agg(attribute_name, value))
        FROM latest GROUP BY tenant_id, entity_id
    )
    SELECT count(*) FROM repaired;
$$;
SELECT t.equal(pg_temp.repair()::text, '4', 'all entities of the last hour');
SELECT t.equal((SELECT string_agg(entity_id || ' ' || (hot_attrs ->> 'status'), ', '
                                  ORDER BY entity_id) FROM entity_jsonb
                WHERE entity_id IN (11, 12, 13, 101)),
               '11 of history, 12 drifted, 13 drifted, 101 drifted', 'only what takes values');
SELECT t.equal((SELECT string_agg(entity_id::text, ',' ORDER BY entity_id) FROM entity_values_ts
                WHERE value = 'of history' AND ingested_at < now()), '11,11,12,101,4711',
               'the others have no more than they had, and it is readable');
