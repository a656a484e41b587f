-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: an entity has a row of current state from its registration on. Retiring it, by function or
-- by UPDATE, shows there, raises the epochs and invalidates the gateway's cache of the shard.
INSERT INTO entities (entity_id, tenant_id) VALUES (1000, 10);
SELECT t.equal((SELECT external_id FROM entities WHERE entity_id = 1000), '1000', 'default id');
SELECT t.equal(t.hot(1000), '{}', 'state of a new entity');

INSERT INTO entities (tenant_id, external_id) SELECT 10, 'bulk' || g FROM generate_series(1,
    5000) g;
SELECT t.ok(NOT EXISTS (SELECT FROM entities e LEFT JOIN entity_jsonb j USING (tenant_id, entity_id)
                        WHERE j.entity_id IS NULL), 'every entity has its state');

UPDATE shards SET writer = 7;
SELECT t.equal(atlas_delete_entity(10, 1000), 'ok', 'retire');
SELECT t.ok((SELECT is_deleted FROM entity_jsonb WHERE entity_id = 1000), 'state is retired');
SELECT t.equal((SELECT catalog_epoch FROM tenants WHERE tenant_id = 10)::text, '1', 'epoch');
SELECT t.equal((SELECT epoch FROM catalog_clock)::text, '1', 'clock');
SELECT t.equal((SELECT string_agg(shard::text, ',') FROM shards WHERE writer = 0),
               (1000 & 63)::text, 'only its shard changed hands');
SELECT t.equal(atlas_delete_entity(10, 1000), 'unchanged', 'retire again');
SELECT t.equal(atlas_delete_entity(11, 1000), 'unknown_entity', 'another tenant''s entity');
SELECT t.equal(atlas_revive_entity(10, 1000), 'ok', 'revive');
-- The limit also holds for revived entities.
UPDATE tenants SET max_entities = 100 WHERE tenant_id = 11;
SELECT t.equal(atlas_delete_entity(11, 101), 'ok', 'retire one of 100');
INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (2000, 11, 'instead');
SELECT t.equal(atlas_revive_entity(11, 101), 'entity_limit', 'revive the 101st');
SELECT t.ok((SELECT is_deleted FROM entities WHERE entity_id = 101), 'still retired');
SELECT t.equal(atlas_delete_entity(11, 2000), 'ok', 'make room');
SELECT t.equal(atlas_revive_entity(11, 101), 'ok', 'revive the 100th');
-- An id names one entity across all tenants.
SELECT t.fails('INSERT INTO entities (entity_id, tenant_id) VALUES (1, 11)', '23505',
               'entities_pkey');
UPDATE entities SET is_deleted = true WHERE entity_id = 1000;
SELECT t.ok((SELECT is_deleted FROM entity_jsonb WHERE entity_id = 1000), 'by UPDATE too');
UPDATE tenants SET is_active = false WHERE tenant_id = 10;
SELECT t.equal((SELECT catalog_epoch FROM tenants WHERE tenant_id = 10)::text, '4', 'disabling');
SELECT t.equal((SELECT count(*) FROM shards WHERE writer = 0)::text, '64', 'takes every shard');

-- The reference's upsert, with the key in either order.
INSERT INTO entity_jsonb (entity_id, tenant_id, hot_attrs) VALUES (1, 10, '{"status": "on"}')
    ON CONFLICT (entity_id, tenant_id) DO UPDATE SET hot_attrs = excluded.hot_attrs;
INSERT INTO entity_jsonb (entity_id, tenant_id, hot_attrs) VALUES (1, 10, '{"status": "off"}')
    ON CONFLICT (tenant_id, entity_id) DO UPDATE SET hot_attrs = excluded.hot_attrs;
SELECT t.equal(t.hot(1), '{"status": "off"}', 'upsert');
SELECT t.ok(atlas_clean_pending_lists() >= 0, 'pending lists are flushed');

SET default_transaction_isolation = 'repeatable read';
SELECT t.fails('SELECT atlas_delete_entity(10, 2)', '25001', 'READ COMMITTED');
