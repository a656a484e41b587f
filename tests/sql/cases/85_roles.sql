-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: the roles of gateway and reader can do their work and no more, and no SECURITY DEFINER
-- function is open to PUBLIC or runs with the caller's search_path.
SELECT t.equal((SELECT string_agg(p.proname, ',') FROM pg_proc p
                WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
                  AND (p.proconfig IS NULL
                       OR p.proconfig::text NOT LIKE '%search_path=pg_catalog, pg_temp%'
                       OR has_function_privilege('public', p.oid, 'EXECUTE'))), NULL,
                           'open functions');
SET ROLE atlas_gateway;
INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (900, 10, 'by gateway');
SELECT atlas_ensure_partitions(ARRAY['2026-11-01']::date[]);
INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, attrs, text_values)
    VALUES (10, 900, '2026-11-01 00:00:00+00', now(), '{7}', '{on}');
UPDATE entity_jsonb SET hot_attrs = '{"status": "on"}' WHERE tenant_id = 10 AND entity_id = 900;
INSERT INTO attributes (attribute_name, type) VALUES ('by gateway', 'int');
INSERT INTO shapes (attrs) VALUES ('{1,2}');
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value) VALUES (900, 10, 7,
    'off');
SELECT stage_flush();
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES (900, 10, 7,
    'again');
SELECT atlas_heartbeat();
SELECT health_check();
RESET ROLE;
SELECT t.equal(t.hot(900), '{"status": "again"}', 'written by the gateway');
GRANT USAGE ON SCHEMA t TO atlas_gateway, atlas_reader;
SET ROLE atlas_gateway;
SELECT t.fails('DELETE FROM observations', '42501', 'permission denied');
SELECT t.fails('DROP TABLE observations', '42501', 'must be owner');
SELECT t.fails('SELECT atlas_attach_partition(''x'', ''2020-01-01'', ''2020-01-02'')', '42501',
    'permission denied');
SELECT t.fails('SELECT atlas_write(NULL, ''x'')', '42501', 'permission denied');
SELECT t.fails('CREATE TABLE mine (a int)', '42501', 'permission denied');
RESET ROLE;
SET ROLE atlas_reader;
SELECT count(*) FROM entity_values_ts;
SELECT * FROM find_entities_by_attributes(10, '{"status": "again"}');
SELECT * FROM mv_entity_attribute_stats;
SELECT health_check();
SELECT t.fails('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES '
    '(900, 10, 7, ''x'')',
               '42501', 'permission denied');
SELECT t.fails('SELECT token_hash FROM api_tokens', '42501', 'permission denied');
SELECT t.fails('SELECT stage_flush()', '42501', 'permission denied');
SELECT t.fails('UPDATE tenants SET is_active = false', '42501', 'permission denied');
RESET ROLE;
