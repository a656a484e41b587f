-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: observations of one entity and instant merge: per attribute the last arrival wins, whatever
-- their shapes and groups; repeating changes nothing.
CREATE FUNCTION pg_temp.put(attribute bigint, v text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
        VALUES (1, 10, attribute, v, '2026-11-01 00:00:00+00');
$$;
SELECT pg_temp.put(3, '1.5'), pg_temp.put(7, 'on'), pg_temp.put(1, '4'), pg_temp.put(4, '9.90');
SELECT t.equal((SELECT count(*) FROM observations)::text, '1', 'one row');
SELECT t.equal(t.history(1),
    E'11-01 00:00:00 count=4\n11-01 00:00:00 level=1.5\n11-01 00:00:00 price=9.90\n11-01 '
        '00:00:00 status=on', 'merged');
SELECT t.equal((SELECT coalesce(o.attrs, s.attrs) FROM observations o LEFT
    JOIN shapes s USING (shape_id))::text,
               '{1,3,4,7}', 'in the order of the groups');
SELECT pg_temp.put(7, 'off'), pg_temp.put(3, '2');
SELECT t.equal(t.hot(1), '{"level": 2, "price": 9.90, "status": "off"}', 'the newest arrival wins');
SELECT pg_temp.put(3, NULL);
SELECT t.equal(t.hot(1), '{"price": 9.90, "status": "off"}', 'a null wins, too');
SELECT pg_temp.put(3, '3'), pg_temp.put(3, '3');
SELECT t.equal(t.hot(1), '{"level": 3, "price": 9.90, "status": "off"}',
    'and a value over the null');
-- A value whose attribute has moved to another group replaces the old value in the old group.
SELECT pg_temp.put(1, '4.5');
SELECT t.equal(t.history(1),
    E'11-01 00:00:00 count=4.5\n11-01 00:00:00 level=3\n11-01 00:00:00 price=9.90\n11-01 '
        '00:00:00 status=off', 'once only');

-- Repeating the same rows writes nothing.
SELECT xmin AS before FROM observations \gset
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    VALUES (5, 10, 7, 'on', '2026-11-01 00:00:00+00');
SELECT xmin AS before FROM observations WHERE entity_id = 5 \gset
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    VALUES (5, 10, 7, 'on', '2026-11-01 00:00:00+00');
SELECT t.equal((SELECT xmin::text FROM observations WHERE entity_id = 5), :'before', 'untouched');
