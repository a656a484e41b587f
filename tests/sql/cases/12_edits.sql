-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: statements by hand against what gateways cache are refused, or they wait for every shard
-- and raise the epochs that gateways compare. Nothing else raises them.
CREATE FUNCTION t.epochs(tenant bigint) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s %s, %s foreign shards', catalog_epoch, entities_epoch,
                  (SELECT count(*) FROM public.shards WHERE writer = 0))
    FROM public.tenants WHERE tenant_id = tenant;
$$;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES (1, 10, 3, '1');
UPDATE tenants SET catalog_epoch = 0;
UPDATE catalog_clock SET epoch = 0;
UPDATE shards SET writer = 7;

-- Entities: with history they stay.
SELECT t.fails('DELETE FROM entities WHERE tenant_id = 10', '23503', 'entity "e1" of tenant 10');
SELECT t.ok(EXISTS (SELECT FROM entity_jsonb WHERE entity_id = 2), 'nothing of it happened');
DELETE FROM entities WHERE entity_id IN (2, 3, 101);
SELECT t.ok(NOT EXISTS (SELECT FROM entity_jsonb WHERE entity_id IN (2, 3, 101)), 'states go too');
SELECT t.equal(t.epochs(10), '1 1, 64 foreign shards', 'one statement');
SELECT t.equal(t.epochs(11), '1 1, 64 foreign shards', 'each tenant');
SELECT t.equal((SELECT epoch FROM catalog_clock)::text, '1', 'clock');
UPDATE shards SET writer = 7;
UPDATE entities SET external_id = 'renamed ' || external_id WHERE entity_id IN (4, 5);
SELECT t.equal(t.epochs(10), '2 2, 64 foreign shards', 'rename');
UPDATE shards SET writer = 7;
UPDATE entities SET entity_type = 'pump', created_at = now() WHERE tenant_id = 10;
SELECT t.equal(t.epochs(10), '2 2, 0 foreign shards', 'nothing that gateways cache');
UPDATE entities SET external_id = external_id WHERE tenant_id = 10;
SELECT t.equal(t.epochs(10), '2 2, 64 foreign shards', 'the same name');
MERGE INTO entities e USING (VALUES (6, 'merged')) v (id, name) ON e.entity_id = v.id
    WHEN MATCHED THEN UPDATE SET external_id = v.name;
SELECT t.equal(t.epochs(10), '3 3, 64 foreign shards', 'by MERGE');
SELECT t.fails('UPDATE entities SET entity_id = 7000 WHERE entity_id = 7', '0A000',
    'cannot change');
SELECT t.fails('UPDATE entities SET tenant_id = 11 WHERE entity_id = 7', '0A000', 'cannot change');
-- No names that the API refuses: of entities and tenants, by any statement.
SELECT t.fails(format(s, n), '22023', 'bytes and no control characters')
    FROM unnest(ARRAY['UPDATE entities SET external_id = %L WHERE entity_id = 8',
        'INSERT INTO entities (tenant_id, external_id) VALUES (10, %L)']) s,
        unnest(ARRAY['', repeat('x', 1025), repeat('ä', 513), E'a\tb', E'a\x1f', E'\x7f']) n;
SELECT t.fails(format(s, n), '22023', 'bytes and no control characters')
    FROM unnest(ARRAY['UPDATE tenants SET tenant_name = %L WHERE tenant_id = 10',
        'INSERT INTO tenants (tenant_name) VALUES (%L)']) s,
        unnest(ARRAY['', repeat('ä', 128), E'a\tb', E'a\n', E'\x7f']) n;
INSERT INTO entities (entity_id, tenant_id, external_id) VALUES
    (9101, 10, repeat('x', 1024)), (9102, 10, ' ä"\'), (9103, 10, NULL);
UPDATE entities SET external_id = repeat('ä', 512) WHERE entity_id = 9101;
DELETE FROM entities WHERE entity_id IN (9101, 9102, 9103);
-- A name that is stored already stays, and its entity can be retired.
ALTER TABLE entities DISABLE TRIGGER entities_name_insert;
INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (9104, 11, '');
ALTER TABLE entities ENABLE TRIGGER entities_name_insert;
UPDATE entities SET is_deleted = true, external_id = external_id WHERE entity_id = 9104;
DELETE FROM entities WHERE entity_id = 9104;
UPDATE tenants SET catalog_epoch = 3, entities_epoch = 3;

-- Attributes.
SELECT t.fails('UPDATE attributes SET attribute_name = ''n'' WHERE attribute_id = 3', '55006',
    'cannot change');
SELECT t.fails('UPDATE attributes SET attribute_id = 999 WHERE attribute_id = 3', '0A000',
    'cannot change');
SELECT t.fails('DELETE FROM tenant_attributes WHERE tenant_id = 10', '23503', 'has values');
SELECT t.fails('DELETE FROM attributes WHERE attribute_id = 3', '23503', 'tenant_attributes');
SELECT t.equal((SELECT category FROM tenant_attributes WHERE tenant_id = 10 AND attribute_id = 3),
    'uncategorized', 'category of an attribute that was given none');
UPDATE tenant_attributes SET category = 'Ü' || repeat('x', 253)
    WHERE tenant_id = 10 AND attribute_id = 3;
SELECT t.fails(format('UPDATE tenant_attributes SET category = %L', wrong), '23514',
    'category_is_name')
    FROM unnest(ARRAY['', repeat('x', 256), E'a\nb', E'a\x7f']) wrong;
INSERT INTO attributes (attribute_id, attribute_name) VALUES (900, 'typo');
UPDATE attributes SET attribute_name = 'type' WHERE attribute_id = 900;
INSERT INTO tenant_attributes (tenant_id, attribute_id, type) VALUES (10, 900, 'string');
SELECT t.fails('UPDATE attributes SET attribute_name = ''x'' WHERE attribute_id = 900', '55006',
    'attribute "type" has tenants');
DELETE FROM tenant_attributes WHERE tenant_id = 10 AND attribute_id = 900;
SELECT t.equal(t.epochs(10), '4 3, 64 foreign shards', 'a declared attribute is gone');
DELETE FROM attributes WHERE attribute_id = 900;

-- Tenants.
UPDATE shards SET writer = 7;
UPDATE tenants SET tenant_name = 'dix' WHERE tenant_id = 10;
SELECT t.equal(t.epochs(10), '5 3, 64 foreign shards', 'rename');
SELECT t.fails('UPDATE tenants SET tenant_id = 12 WHERE tenant_id = 10', '0A000', 'cannot change');
SELECT t.fails('DELETE FROM tenants WHERE tenant_id = 10', '23503', 'foreign key');
INSERT INTO tenants (tenant_name) VALUES ('unused');
DELETE FROM tenants WHERE tenant_name = 'unused';
SELECT t.fails('INSERT INTO entities (tenant_id, external_id) VALUES (10, ''x''), (99999, ''x'')',
    '23503', 'entities_tenant_id_fkey');
WITH new AS (INSERT INTO tenants (tenant_name) VALUES ('full') RETURNING tenant_id)
    INSERT INTO entities (tenant_id, external_id) SELECT tenant_id, 'only' FROM new;
SELECT t.fails('DELETE FROM tenants WHERE tenant_name = ''full''', '23503',
    'entities_tenant_id_fkey');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT t.fails('DELETE FROM tenants WHERE tenant_name = ''full''', '0A000', 'isolation level');
COMMIT;
DELETE FROM entities WHERE external_id = 'only';
DELETE FROM tenants WHERE tenant_name = 'full';

-- Current state.
UPDATE shards SET writer = 7;
UPDATE entity_jsonb SET hot_attrs = hot_attrs || '{"status": "by hand"}' WHERE entity_id = 7;
SELECT t.equal(t.epochs(10), '5 3, 64 foreign shards', 'a state by hand');
SELECT t.equal(t.hot(7), '{"status": "by hand"}', 'is legal');
UPDATE shards SET writer = 7;
SELECT upsert_hot_attrs(10, 7, '{"status": "on"}');
SELECT t.equal(t.epochs(10), '6 3, 1 foreign shards', 'functions touch their shards only');
BEGIN;
SELECT upsert_hot_attrs(10, 7, '{"status": "off"}');
UPDATE entity_jsonb SET hot_attrs = '{}' WHERE entity_id = 12;
SELECT t.equal(t.epochs(10), '6 3, 64 foreign shards', 'by hand in the same transaction');
SELECT t.fails('UPDATE entity_jsonb SET is_deleted = true WHERE entity_id = 7', '0A000',
    'is_deleted');
SELECT t.fails('DELETE FROM tenant_attributes WHERE tenant_id = 10', '23503', 'has values');
COMMIT;
-- A function that merely mentions ours, in its name and its statements, is by hand, too.
CREATE FUNCTION t.sync_atlas_states() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.entity_jsonb
    SET hot_attrs = jsonb_build_object('status', public.atlas_time_text(0)) WHERE entity_id = 12;
END $$;
UPDATE shards SET writer = 7;
SELECT t.sync_atlas_states();
SELECT t.equal(t.epochs(10), '6 3, 64 foreign shards', 'a function of others');
SELECT t.fails('DELETE FROM entity_jsonb WHERE entity_id = 7', '23503', 'entity 7 of tenant 10');
SELECT t.fails(format('DELETE FROM %s WHERE entity_id = 7', (
    SELECT tableoid::regclass FROM entity_jsonb WHERE entity_id = 7)), '23503',
    'cannot be deleted');
SELECT t.fails('UPDATE entity_jsonb SET is_deleted = true WHERE entity_id = 7', '0A000',
    'is_deleted');
SELECT t.fails('UPDATE entity_jsonb SET tenant_id = 11 WHERE entity_id = 7', '0A000', 'tenant_id');
INSERT INTO entity_jsonb (entity_id, tenant_id) VALUES (9000, 10);
DELETE FROM entity_jsonb WHERE entity_id = 9000;
SELECT t.ok(NOT EXISTS (SELECT FROM entity_jsonb WHERE entity_id = 9000), 'without entity');

-- Shapes, and all rows at once.
SELECT t.fails('DELETE FROM shapes', '0A000', 'shapes cannot change');
SELECT t.fails('TRUNCATE shapes', '0A000', 'shapes cannot be truncated');
SELECT t.fails('TRUNCATE entities', '0A000', 'entities cannot be truncated');
SELECT t.fails('TRUNCATE entity_jsonb', '0A000', 'entity_jsonb cannot be truncated');
SELECT t.fails('TRUNCATE attributes CASCADE', '0A000', 'cannot be truncated');
SELECT t.fails('TRUNCATE tenants CASCADE', '0A000', 'cannot be truncated');
SELECT t.fails('TRUNCATE tenant_attributes', '0A000', 'cannot be truncated');

-- A state that is missing all the same comes back from history, and only that one.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    SELECT 8, 10, attribute_id, 'on', '2026-11-01 10:00+00' FROM attributes
    WHERE attribute_name = 'status';
CREATE TABLE t.before AS SELECT * FROM entity_jsonb;
ALTER TABLE entity_jsonb DISABLE TRIGGER entity_jsonb_deleted;
DELETE FROM entity_jsonb WHERE entity_id IN (8, 9);
ALTER TABLE entity_jsonb ENABLE TRIGGER entity_jsonb_deleted;
SELECT t.equal((SELECT format('%s %s', last_entity, restored)
                FROM atlas_restore_missing_states(0, 8)), '10 2', 'the first eight');
SELECT t.equal((SELECT format('%s %s', last_entity, restored)
                FROM atlas_restore_missing_states(10, 1000)), '200 0', 'the others');
SELECT t.equal((SELECT format('%s %s', coalesce(last_entity, -1), restored)
                FROM atlas_restore_missing_states(200, 1000)), '-1 0', 'none left');
SELECT t.equal((SELECT count(*)::text FROM entity_jsonb j FULL JOIN t.before b USING (entity_id)
                WHERE (j.tenant_id, j.hot_attrs, j.last_day, j.is_deleted)
                      IS DISTINCT FROM (b.tenant_id, b.hot_attrs, b.last_day, b.is_deleted)),
               '0', 'as before');
SELECT t.equal(atlas_restore_states('{10}', '{777}')::text, '0', 'no entity, no state');

SET default_transaction_isolation = 'repeatable read';
SELECT t.fails('DELETE FROM entities WHERE entity_id = 20', '25001', 'READ COMMITTED');
