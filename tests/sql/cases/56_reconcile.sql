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
