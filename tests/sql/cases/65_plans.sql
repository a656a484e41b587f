-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: with 365 partitions attached, a bound on time prunes them through the view, (tenant,
-- entity) uses the key, the latest value scans it backward, and (tenant, time) uses its index. A
-- month with a day partition gets more of them, even when it is old.
SELECT atlas_attach_partition('observations_p20261201', '2026-12-01', '2026-12-02');
SELECT t.equal(atlas_ensure_partitions(ARRAY(SELECT '2026-01-01'::date + g FROM generate_series(0,
    364) g))::text,
               '364', 'missing days');
-- Other old months are one partition each; the days of another year are created one by one.
SELECT atlas_attach_partition('observations_p' || to_char(d, 'YYYYMMDD'), d, d + 1)
    FROM (SELECT '2023-01-01'::date + g AS d FROM generate_series(0, 364) g) days
    WHERE (SELECT count(*) FROM atlas_partitions()) < 365;
SELECT t.ok((SELECT count(*) >= 365 FROM atlas_partitions()), '365 partitions');
INSERT INTO observations SELECT 10, e,
    '2026-12-01 00:00:00+00'::timestamptz + m * interval '1 minute',
        now(), NULL, '{3,7}', NULL, ARRAY[m], NULL, ARRAY['on']
    FROM generate_series(1, 100) e, generate_series(1, 500) m;
INSERT INTO tenant_attributes (tenant_id, attribute_id, type) VALUES (10, 3, 'double'), (10, 7,
    'string');
ANALYZE observations_p20261201;

CREATE FUNCTION pg_temp.leaves(plan text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT m[1], ',') FROM regexp_matches(plan, ' on (observations_p[0-9]+)',
        'g') m;
$$;
SELECT t.equal(pg_temp.leaves(t.plan($q$SELECT count(*) FROM entity_values_ts
    WHERE ingested_at >= '2026-12-01 00:00+00' AND ingested_at < '2026-12-02 00:00+00'$q$)),
    'observations_p20261201', 'ingested_at prunes');
SELECT t.equal(pg_temp.leaves(t.plan($q$SELECT avg(value_decimal) FROM entity_values_ts
    WHERE tenant_id = 10
    AND observed_at >= '2026-12-01 12:00+00' AND observed_at < '2026-12-02 12:00+00'$q$)),
    'observations_p20261201,observations_p20261202', 'observed_at prunes');
SELECT t.ok(plan ~ 'Index (Only )?Scan( Backward)? using observations_p20261201_pkey'
            AND pg_temp.leaves(plan) = 'observations_p20261201', 'the key of one entity')
    FROM t.plan($q$SELECT * FROM entity_values_ts WHERE tenant_id = 10 AND entity_id = 7
        AND ingested_at >= '2026-12-01 00:00+00' AND ingested_at < '2026-12-02 00:00+00'$q$) plan;
SELECT t.ok(plan ~ 'Index Scan Backward using observations_p20261201_pkey[^\n]*actual rows=1 '
    'loops=1'
            AND plan !~ 'Sort', 'the latest value stops at the first row')
    FROM t.plan($q$SELECT value FROM entity_values_ts WHERE tenant_id = 10 AND entity_id = 7
        AND attribute_id = 3
        AND ingested_at >= '2026-12-01 00:00+00' AND ingested_at < '2026-12-03 00:00+00'
        ORDER BY ingested_at DESC LIMIT 1$q$) plan;
SELECT t.ok(plan ~ 'Index Scan Backward using observations_p20261201_pkey[^\n]*actual rows=1 '
    'loops=1'
            AND plan !~ 'Sort', 'without a bound on time, too')
    FROM t.plan($q$SELECT value FROM entity_values_ts WHERE tenant_id = 10 AND entity_id = 7
        AND attribute_id = 3
        ORDER BY ingested_at DESC LIMIT 1$q$) plan;
SELECT t.ok(plan ~ 'observations_p20261201_tenant_id_observed_at_idx', 'tenant and time')
    FROM t.plan($q$SELECT count(*) FROM entity_values_ts WHERE tenant_id = 10
        AND ingested_at >= '2026-12-01 00:10+00' AND ingested_at < '2026-12-01 00:12+00'$q$) plan;

-- What needs no type does not join the catalog; what moved is asked for by its own index.
SELECT t.ok(plan !~ ' ta ', 'counting joins no types')
    FROM t.plan($q$SELECT count(*) FROM entity_values_ts WHERE tenant_id = 10 AND attribute_id = 3
        AND ingested_at >= '2026-12-01 00:10+00' AND ingested_at < '2026-12-01 00:12+00'$q$) plan;
SET enable_seqscan = off;
SELECT t.ok(plan ~ 'tenant_attributes_moved', 'what moved has an index')
    FROM t.plan($q$SELECT count(*) FROM entity_values_ts WHERE tenant_id = 10
        AND ingested_at >= '2026-12-01 00:10+00' AND ingested_at < '2026-12-01 00:12+00'$q$) plan;
RESET enable_seqscan;

-- Hot filters: the GIN and the order of change.
INSERT INTO entities (tenant_id, external_id) SELECT 10, 'many' || g FROM generate_series(1,
    20000) g;
UPDATE entity_jsonb SET hot_attrs = jsonb_build_object('status', 'v' || entity_id % 5000)
    WHERE tenant_id = 10;
VACUUM ANALYZE entity_jsonb;
SELECT t.ok(plan ~ 'Bitmap Index Scan on entity_jsonb_p[0-9]+_tenant_id_hot_attrs_idx', 'GIN')
    FROM t.plan($q$SELECT entity_id FROM entity_jsonb WHERE tenant_id = 10
        AND hot_attrs @> '{"status": "v7"}'$q$) plan;
SELECT t.ok(plan ~ 'Index (Only )?Scan using '
    'entity_jsonb_p[0-9]+_tenant_id_updated_at_entity_id_idx', 'newest first')
    FROM t.plan($q$SELECT entity_id FROM entity_jsonb WHERE tenant_id = 10
        ORDER BY updated_at DESC, entity_id LIMIT 100$q$) plan;
