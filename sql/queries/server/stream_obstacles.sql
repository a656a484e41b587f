-- SPDX-License-Identifier: Apache-2.0
--
-- What keeps this session's role from following the log of this database by eav_cdc, each with what
-- changes it.
--
-- $1 slot_name  text  the slot that it would read: it needs no free one where that exists
-- Result        a row per obstacle: text. None when all is well
-- Caller        src/catalog/stream_check.cc
WITH server AS (
    -- A parameter of Amazon RDS.
    SELECT current_setting('rds.logical_replication', true) IS NOT NULL AS is_rds,
           current_setting('server_version_num')::integer AS version
), publication AS (
    SELECT * FROM pg_catalog.pg_publication WHERE pubname = 'eav_cdc'
), obstacles (place, advice) AS (
    SELECT 1, 'the server is a standby: follow the log of its primary' WHERE pg_is_in_recovery()
    UNION ALL
    SELECT 2, format('wal_level is %s, the change stream needs logical: ',
                     current_setting('wal_level'))
        || CASE WHEN is_rds THEN 'set rds.logical_replication = 1 in the parameter group and'
                                 ' reboot the instance'
                ELSE 'ALTER SYSTEM SET wal_level = ''logical''; then restart the server' END
    FROM server WHERE current_setting('wal_level') <> 'logical'
    UNION ALL
    SELECT 3, format('role %I may not stream the log: ', r.rolname)
        || format(CASE WHEN is_rds THEN 'GRANT rds_replication TO %I;'
                       ELSE 'ALTER ROLE %I REPLICATION;' END, r.rolname)
    FROM server, pg_catalog.pg_roles r
    WHERE r.rolname = current_user AND NOT r.rolreplication AND NOT r.rolsuper
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles rds WHERE rds.rolname = 'rds_replication'
                      AND pg_has_role(current_user, rds.oid, 'MEMBER'))
    UNION ALL
    SELECT 4, format('publication eav_cdc does not exist: as the owner of the schema, who needs'
                     ' CREATE on database %I, CREATE PUBLICATION eav_cdc FOR TABLE public.tenants,'
                     ' public.attributes, public.tenant_attributes, public.entities,'
                     ' public.entity_jsonb, public.shapes, public.observations,'
                     ' public.replication_heartbeat WITH (publish_via_partition_root = true);',
                     current_database())
    WHERE NOT EXISTS (SELECT FROM publication)
    UNION ALL
    SELECT 5, 'publication eav_cdc leaves changes out: ALTER PUBLICATION eav_cdc SET (publish ='
              ' ''insert, update, delete, truncate'', publish_via_partition_root = true);'
    FROM publication p
    WHERE NOT (p.pubviaroot AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate)
    UNION ALL
    -- Of one that does not publish by the root, partitions are listed in place of their tables.
    SELECT 6, format('publication eav_cdc lacks table %1$s: ALTER PUBLICATION eav_cdc ADD TABLE'
                     ' public.%1$s;', t.name)
    FROM publication p,
         unnest(ARRAY['tenants', 'attributes', 'tenant_attributes', 'entities', 'entity_jsonb',
                      'shapes', 'observations', 'replication_heartbeat']) t (name)
    WHERE p.pubviaroot
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables l
                      WHERE l.pubname = 'eav_cdc' AND l.schemaname = 'public'
                        AND l.tablename = t.name)
    UNION ALL
    -- From PostgreSQL 18 on such a table refuses every update and removal (42P10).
    SELECT 7, format('%1$I.%2$I has a generated column and REPLICA IDENTITY FULL, so the server'
                     ' refuses its updates: ALTER TABLE %1$I.%2$I REPLICA IDENTITY DEFAULT;',
                     l.schemaname, l.tablename)
    FROM server, pg_catalog.pg_publication_tables l
    JOIN pg_catalog.pg_namespace n ON n.nspname = l.schemaname
    JOIN pg_catalog.pg_class c
        ON c.relname = l.tablename AND c.relnamespace = n.oid AND c.relreplident = 'f'
    WHERE l.pubname = 'eav_cdc' AND version >= 180000
      AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped)
    UNION ALL
    SELECT 8, format('all %s replication slots are in use: drop one that nothing needs (SELECT'
                     ' pg_drop_replication_slot(…);), or raise max_replication_slots and restart'
                     ' the server', current_setting('max_replication_slots'))
    WHERE (SELECT count(*) FROM pg_catalog.pg_replication_slots)
              >= current_setting('max_replication_slots')::integer
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = $1)
    UNION ALL
    SELECT 9, format('all %s sessions that send the log are in use: end one that nothing needs, or'
                     ' raise max_wal_senders and restart the server',
                     current_setting('max_wal_senders'))
    WHERE (SELECT count(*) FROM pg_catalog.pg_stat_get_wal_senders())
              >= current_setting('max_wal_senders')::integer
)
SELECT advice FROM obstacles ORDER BY place, advice
