-- SPDX-License-Identifier: Apache-2.0
--
-- The rights of each role. Each function is revoked from PUBLIC where it is created.

DO $$
DECLARE
    one text;
BEGIN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    FOREACH one IN ARRAY ARRAY['tenants', 'catalog_clock', 'attributes', 'tenant_attributes',
            'attribute_changes', 'entities', 'entity_jsonb', 'shapes', 'observations', 'shards',
            'entity_values_ingest', 'entity_values_rejected', 'entity_values_ts',
            'replication_heartbeat',
            'write_throughput', 'attribute_stats', 'counted_days', 'closed_day_writes',
            'v_write_throughput', 'mv_entity_attribute_stats', 'stream_slots'] LOOP
        PERFORM public.atlas_grant('SELECT', 'public.' || one, 'atlas_reader');
        PERFORM public.atlas_grant('SELECT', 'public.' || one, 'atlas_gateway');
    END LOOP;
    FOREACH one IN ARRAY ARRAY['tenants', 'catalog_clock', 'attributes', 'tenant_attributes',
            'entities', 'entity_jsonb', 'observations', 'shards', 'write_throughput',
            'api_tokens'] LOOP
        PERFORM public.atlas_grant('SELECT, INSERT, UPDATE', 'public.' || one, 'atlas_gateway');
    END LOOP;
    PERFORM public.atlas_grant('INSERT', 'public.shapes', 'atlas_gateway');
    PERFORM public.atlas_grant('INSERT, UPDATE, DELETE', 'public.stream_slots', 'atlas_gateway');
    PERFORM public.atlas_grant('INSERT', 'public.closed_day_writes', 'atlas_gateway');
    PERFORM public.atlas_grant('INSERT', 'public.entity_values_ingest', 'atlas_gateway');
    PERFORM public.atlas_grant('INSERT', 'public.entity_values_ts', 'atlas_gateway');
    PERFORM public.atlas_grant('INSERT, DELETE', 'public.replication_heartbeat', 'atlas_gateway');
    -- Created by the migrator; they do not exist where psql applied the files.
    FOREACH one IN ARRAY ARRAY['schema_migrations', 'schema_objects'] LOOP
        IF to_regclass('public.' || one) IS NOT NULL THEN
            PERFORM public.atlas_grant('SELECT', 'public.' || one, 'atlas_gateway');
        END IF;
    END LOOP;
    PERFORM public.atlas_grant('USAGE', 'SEQUENCE public.entity_id_seq', 'atlas_gateway');
    PERFORM public.atlas_grant('USAGE', 'SEQUENCE public.replication_heartbeat_id_seq',
                               'atlas_gateway');
END $$;

DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['atlas_ensure_partitions(date[])', 'atlas_partitions()',
            'atlas_try_partitions(date[])', 'atlas_old_partitions(interval)',
            'atlas_clean_pending_lists()', 'atlas_heartbeat(text)',
            'atlas_delete_entity(bigint, bigint)', 'atlas_revive_entity(bigint, bigint)',
            'atlas_set_hot(bigint, text, boolean)', 'atlas_storage_id(bigint, bigint)',
            'atlas_retype_attribute(bigint, text, text)',
            'atlas_rename_attribute(bigint, text, text)', 'atlas_drop_attribute(bigint, text)',
            'atlas_count_values(bigint, text, text, name, timestamptz, timestamptz)',
            'atlas_continue_changes(bigint, integer)',
            'atlas_set_entity_deleted(bigint, bigint, boolean)', 'stage_flush(integer)',
            'upsert_hot_attrs(bigint, bigint, jsonb)', 'atlas_trim_throughput(interval)',
            'atlas_collect_attribute_stats(date)', 'atlas_count_days(date[])',
            'atlas_uncounted_days()',
            'atlas_check_hot_state(bigint, bigint, integer)',
            'atlas_mend_hot_state(bigint[], bigint[])',
            'atlas_raise_entities_epochs(bigint[])',
            'atlas_restore_states(bigint[], bigint[])',
            'atlas_restore_missing_states(bigint, integer)']
    LOOP
        PERFORM public.atlas_grant('EXECUTE', 'FUNCTION public.' || one, 'atlas_gateway');
    END LOOP;
    FOREACH one IN ARRAY ARRAY['check_replication_lag()', 'health_check()', 'atlas_partitions()',
            'atlas_staging_backlog()', 'atlas_foreign_slots()', 'atlas_own_slots()',
            'atlas_old_partitions(interval)'] LOOP
        PERFORM public.atlas_grant('EXECUTE', 'FUNCTION public.' || one, 'atlas_gateway');
        PERFORM public.atlas_grant('EXECUTE', 'FUNCTION public.' || one, 'atlas_reader');
    END LOOP;
END $$;
