-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: UPDATE attributes SET is_hot and atlas_set_hot: demotion removes the attribute from the
-- state, promotion of an attribute with values is rejected, and the epochs of the tenants that
-- follow the dictionary rise.
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
UPDATE tenant_attributes SET in_use = false WHERE tenant_id = 10 AND attribute_id = 8;
DELETE FROM tenant_attributes WHERE tenant_id = 10 AND attribute_id = 8;
SELECT t.fails('UPDATE attributes SET is_hot = true WHERE attribute_name = ''note''', '54000',
    'limit');

-- An attribute that telemetry adds has the same flag in the dictionary and follows it.
\set statement `grep -v '^--' sql/queries/ingest/add_dictionary_names.sql`
PREPARE add_names (bigint, text[], text[]) AS :statement;
\set statement `grep -v '^--' sql/queries/ingest/add_tenant_attributes.sql`
PREPARE add_to_tenant (bigint, text[], text[], boolean) AS :statement;
INSERT INTO tenants (tenant_id, tenant_name) VALUES (12, 'twelve');
INSERT INTO attributes (attribute_name, data_type) VALUES ('shy', 'string');
CREATE FUNCTION pg_temp.flags(tenant bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s %s', a.attribute_name, a.is_hot::text,
                             coalesce(ta.is_hot::text, '-')), ', ' ORDER BY a.attribute_name)
    FROM tenant_attributes ta JOIN attributes a USING (attribute_id)
    WHERE ta.tenant_id = tenant AND a.attribute_name IN ('mode', 'open', 'shy', 'speed');
$$;
EXECUTE add_names (10, '{mode,open,shy,speed}', '{string,bool,string,int}');
EXECUTE add_to_tenant (10, '{mode,open,shy,speed}', '{string,bool,string,int}', false);
SELECT t.equal(pg_temp.flags(10), 'mode true -, open true -, shy false -, speed false -',
    'the dictionary says which are hot; what SQL added as cold stays cold');
EXECUTE add_to_tenant (11, '{mode,shy}', '{string,string}', false);
SELECT t.equal(pg_temp.flags(11), 'mode true false, shy false -', 'no room for a hot one');
EXECUTE add_to_tenant (12, '{open,speed}', '{int,string}', false);
SELECT t.equal(pg_temp.flags(12), 'open true false, speed false true', 'another kind of thing');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value)
    SELECT 2, 10, attribute_id, 'auto' FROM attributes WHERE attribute_name = 'mode';
SELECT t.equal(t.hot(2), '{"mode": "auto"}', 'hot');
UPDATE attributes SET is_hot = false WHERE attribute_name IN ('mode', 'open');
SELECT t.equal(t.hot(2), '{}', 'the dictionary''s flag takes it out');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value)
    SELECT 2, 10, attribute_id, 'manual' FROM attributes WHERE attribute_name = 'mode';
SELECT t.equal(t.hot(2), '{}', 'and keeps it out');
EXECUTE add_to_tenant (12, '{mode}', '{string}', false);
SELECT t.equal(pg_temp.flags(12), 'mode false -, open false false, speed false true',
    'a tenant that comes later follows, too');
INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (500, 12, 'a');
SELECT upsert_hot_attrs(12, 500, '{"gate": "up", "mode": "auto", "rpm": 3}');
SELECT t.equal(t.hot(500), '{"rpm": 3, "gate": "up"}', 'a known cold one reaches history only');
SELECT t.equal(string_agg(format('%s %s %s', a.attribute_name, a.is_hot, ta.is_hot), ', '
                          ORDER BY a.attribute_name),
               'gate t , rpm f t', 'upsert_hot_attrs: the same rule')
    FROM tenant_attributes ta JOIN attributes a USING (attribute_id)
    WHERE ta.tenant_id = 12 AND a.attribute_name IN ('gate', 'rpm');

-- data_type and type agree.
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
