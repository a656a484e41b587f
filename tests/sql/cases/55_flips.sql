-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: UPDATE attributes SET is_hot and atlas_set_hot: demotion empties the state, promotion of
-- what has values is refused until it can be backfilled, epochs rise for those who follow.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES
    (1, 10, 7, 'on'), (1, 10, 8, 'cold'), (101, 11, 7, 'on');
SELECT t.equal(atlas_set_hot(11, 'status', true), 'unchanged', 'a flag of its own');
UPDATE tenants SET catalog_epoch = 0;
UPDATE shards SET writer = 9;
UPDATE attributes SET is_hot = false WHERE attribute_name = 'status';
SELECT t.equal(t.hot(1), '{}', 'demoted');
SELECT t.ok((SELECT hot_at = '{}' FROM entity_jsonb WHERE entity_id = 1), 'with its instant');
SELECT t.equal(t.hot(101), '{"status": "on"}', 'not where the tenant has its own flag');
SELECT t.equal((SELECT string_agg(catalog_epoch::text, ',' ORDER BY tenant_id) FROM tenants
                WHERE tenant_id IN (10, 11)), '1,0', 'epochs of the followers');
SELECT t.ok((SELECT bool_and(writer = 0) FROM shards), 'every shard changed hands');
SELECT t.fails('UPDATE attributes SET is_hot = true WHERE attribute_name = ''note''', '55000',
    'backfill');
SELECT t.fails('UPDATE attributes SET is_hot = true WHERE attribute_name = ''status''', '55000',
    'backfill');
UPDATE attributes SET is_hot = true WHERE attribute_name = 'count';
SELECT t.ok((SELECT is_hot FROM attributes WHERE attribute_name = 'count'), 'unused: promoted');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES (1, 10, 1, '4');
SELECT t.equal(t.hot(1), '{"count": 4}', 'hot from the first value');
SELECT t.equal(atlas_set_hot(10, 'count', false), 'ok', 'demoted by the tenant');
SELECT t.equal(t.hot(1), '{}', 'gone');
SELECT t.equal(atlas_set_hot(10, 'count', true), 'needs_backfill', 'and back');
SELECT t.equal(atlas_set_hot(10, 'nobody', true), 'unknown_attribute', 'unknown');
INSERT INTO tenant_attributes (tenant_id, attribute_id, type) VALUES (11, 8, 'string');
UPDATE tenants SET max_hot = 1 WHERE tenant_id = 11;
SELECT t.equal(atlas_set_hot(11, 'note', true), 'hot_limit', 'limit');
DELETE FROM tenant_attributes WHERE tenant_id = 10 AND attribute_id = 8;
SELECT t.fails('UPDATE attributes SET is_hot = true WHERE attribute_name = ''note''', '54000',
    'limit');

-- data_type and type keep step.
INSERT INTO attributes (attribute_name, data_type) VALUES ('w1', 'float'), ('w2', 'decimal'), ('w3',
    'integer');
INSERT INTO attributes (attribute_name, type) VALUES ('w4', 'double');
SELECT t.equal(string_agg(data_type || '=' || type, ' ' ORDER BY attribute_name),
               'decimal=double decimal=decimal int=int decimal=double', 'words')
    FROM attributes WHERE attribute_name LIKE 'w_';
UPDATE attributes SET type = 'int' WHERE attribute_name = 'w1';
UPDATE attributes SET data_type = 'string' WHERE attribute_name = 'w2';
SELECT t.equal(string_agg(data_type || '=' || type, ' ' ORDER BY attribute_name),
    'int=int string=string', 'changed')
    FROM attributes WHERE attribute_name IN ('w1', 'w2');
SELECT t.fails('INSERT INTO attributes (attribute_name, data_type) VALUES (''w5'', ''blob'')',
    '22023', 'data type');
