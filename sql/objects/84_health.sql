-- SPDX-License-Identifier: Apache-2.0

-- One row per replica and per slot: how far it is behind the primary's log. On a replica, one row
-- about itself. Seconds are NULL where they are unknown: a slot without a reader reports no time.
-- An owner without pg_monitor sees only the names of the replicas.
CREATE OR REPLACE FUNCTION public.check_replication_lag()
RETURNS TABLE (name text, kind text, state text, lag_bytes bigint, lag_seconds numeric)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here pg_lsn;
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN QUERY SELECT 'self', 'replica', 'replaying',
            pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint,
            CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                 ELSE round(extract(epoch FROM clock_timestamp()
                                               - pg_last_xact_replay_timestamp()), 3) END;
        RETURN;
    END IF;
    here := pg_current_wal_flush_lsn();
    RETURN QUERY
        SELECT r.application_name, 'replica', r.state,
               greatest(0, pg_wal_lsn_diff(here, r.replay_lsn))::bigint,
               CASE WHEN r.replay_lsn >= here THEN 0
                    ELSE round(extract(epoch FROM r.replay_lag), 3) END
        FROM pg_stat_replication r
        WHERE NOT EXISTS (SELECT FROM pg_replication_slots s
                          WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
        UNION ALL
        SELECT s.slot_name, s.slot_type || ' slot',
               CASE WHEN s.wal_status IN ('lost', 'unreserved') THEN s.wal_status
                    WHEN s.active THEN 'active' ELSE 'inactive' END,
               greatest(0, pg_wal_lsn_diff(here, coalesce(s.confirmed_flush_lsn,
                                                          s.restart_lsn)))::bigint,
               CASE WHEN coalesce(s.confirmed_flush_lsn, s.restart_lsn) >= here THEN 0
                    ELSE round(extract(epoch FROM r.flush_lag), 3) END
        FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid
        ORDER BY 2, 1;
END $$;
REVOKE ALL ON FUNCTION public.check_replication_lag() FROM PUBLIC;

-- How far the log goes on this server: written by a primary, replayed by a replica.
CREATE OR REPLACE FUNCTION public.atlas_log_end()
RETURNS pg_lsn LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                ELSE pg_current_wal_lsn() END;
END;

-- The slots that Atlas did not make (its own are called atlas_…), and how much of the log each
-- holds back. Atlas drops none of them: an unread one holds it back up to max_slot_wal_keep_size.
CREATE OR REPLACE FUNCTION public.atlas_foreign_slots()
RETURNS TABLE (slot_name text, slot_type text, plugin text, active boolean, retained_bytes bigint,
               wal_status text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.slot_name::text, s.slot_type, s.plugin::text, s.active,
           greatest(0, pg_wal_lsn_diff(public.atlas_log_end(), s.restart_lsn))::bigint,
           s.wal_status
    FROM pg_replication_slots s
    WHERE NOT starts_with(s.slot_name::text, 'atlas_')
    ORDER BY 5 DESC, 1;
$$;
REVOKE ALL ON FUNCTION public.atlas_foreign_slots() FROM PUBLIC;

-- Atlas's own slots: whether a process reads them, and how much of the log each holds back. Above
-- 1 GB of a logical one, or when it is lost, its followers need a person.
CREATE OR REPLACE FUNCTION public.atlas_own_slots()
RETURNS TABLE (slot_name text, slot_type text, active boolean, retained_bytes bigint,
               wal_status text, ok boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.slot_name, s.slot_type, s.active, s.retained_bytes, s.wal_status,
           coalesce(s.wal_status NOT IN ('lost', 'unreserved'), true)
               AND s.retained_bytes < CASE s.slot_type WHEN 'logical' THEN 1073741824
                                                       ELSE 10737418240 END
    FROM (SELECT p.slot_name::text, p.slot_type, p.active, p.wal_status,
                 greatest(0, pg_wal_lsn_diff(public.atlas_log_end(), p.restart_lsn))::bigint
                     AS retained_bytes
          FROM pg_replication_slots p WHERE starts_with(p.slot_name::text, 'atlas_')) s
    ORDER BY 4 DESC, 1;
$$;
REVOKE ALL ON FUNCTION public.atlas_own_slots() FROM PUBLIC;

-- The staging backlog; estimated above 100,000 rows, so that a large one is not read in full.
CREATE OR REPLACE FUNCTION public.atlas_staging_backlog()
RETURNS TABLE (staged_rows bigint, is_exact boolean, bytes bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT greatest(c.counted, CASE WHEN c.counted > 100000 THEN s.n_live_tup END),
           c.counted <= 100000,
           pg_total_relation_size('public.entity_values_staged')
               + pg_total_relation_size('public.entity_values_ingest')
    FROM (SELECT count(*) AS counted
          FROM (SELECT FROM public.entity_values_staged LIMIT 100001) l) c
    LEFT JOIN pg_stat_user_tables s ON s.relid = 'public.entity_values_staged'::regclass;
$$;
REVOKE ALL ON FUNCTION public.atlas_staging_backlog() FROM PUBLIC;

-- One check for the list: its name, whether it passes, and what was measured.
CREATE OR REPLACE FUNCTION public.atlas_health_item(name text, ok boolean, detail jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object('name', name, 'ok', coalesce(ok, false)) || detail;
$$;
REVOKE ALL ON FUNCTION public.atlas_health_item(text, boolean, jsonb) FROM PUBLIC;

-- The health of the store at a glance: status is "ok" if every check passes, else "warning". The
-- thresholds are those of the alerts.
CREATE OR REPLACE FUNCTION public.health_check()
RETURNS json LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
    today CONSTANT date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    checks jsonb := '[]';
BEGIN
    checks := checks || (SELECT public.atlas_health_item('staging_backlog', b.staged_rows < 1000000,
            jsonb_build_object('rows', b.staged_rows, 'exact', b.is_exact))
        FROM public.atlas_staging_backlog() b);
    checks := checks || (SELECT public.atlas_health_item('partitions',
            count(*) FILTER (WHERE p.first_day <= today + 1 AND p.end_day > today + 1) > 0
                AND count(*) < 1400,
            jsonb_build_object('count', count(*), 'first_day', min(p.first_day),
                               'last_day', max(p.end_day) - 1))
        FROM public.atlas_partitions() p);
    checks := checks || (SELECT public.atlas_health_item('heartbeat',
            max(h."timestamp") > clock_timestamp() - interval '30 seconds'
                OR pg_is_in_recovery(),
            jsonb_build_object('age_seconds', round(extract(epoch FROM clock_timestamp()
                                                            - max(h."timestamp")), 1)))
        FROM public.replication_heartbeat h);
    checks := checks || (SELECT public.atlas_health_item('replication',
            coalesce(bool_and(l.state NOT IN ('lost', 'unreserved')
                              AND coalesce(l.lag_seconds, 0) < 10
                              AND coalesce(l.lag_bytes, 0) < 10737418240), true),
            jsonb_build_object('sources', coalesce(jsonb_agg(to_jsonb(l)), '[]')))
        FROM public.check_replication_lag() l);
    checks := checks || (SELECT public.atlas_health_item('foreign_slots',
            coalesce(bool_and(f.retained_bytes < 1073741824), true),
            jsonb_build_object('slots', coalesce(jsonb_agg(to_jsonb(f)), '[]')))
        FROM public.atlas_foreign_slots() f);
    checks := checks || (SELECT public.atlas_health_item('own_slots',
            coalesce(bool_and(o.ok), true),
            jsonb_build_object('slots', coalesce(jsonb_agg(to_jsonb(o)), '[]')))
        FROM public.atlas_own_slots() o);
    checks := checks || (SELECT public.atlas_health_item('connections',
            count(*) < 0.9 * current_setting('max_connections')::integer,
            jsonb_build_object('used', count(*),
                               'max', current_setting('max_connections')::integer))
        FROM pg_stat_activity WHERE backend_type = 'client backend');
    checks := checks || (SELECT public.atlas_health_item('transaction_ids',
            max(age(d.datfrozenxid)) < 1500000000,
            jsonb_build_object('oldest_age', max(age(d.datfrozenxid)))) FROM pg_database d);
    checks := checks || (SELECT public.atlas_health_item('indexes', count(*) = 0,
            jsonb_build_object('invalid', coalesce(jsonb_agg(x.indexrelid::regclass::text), '[]')))
        FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
        WHERE NOT x.indisvalid AND c.relnamespace = 'public'::regnamespace);
    checks := checks || (SELECT public.atlas_health_item('rejected_rows', count(*) = 0,
            jsonb_build_object('last_hour', count(*)))
        FROM public.entity_values_rejected r
        WHERE r.rejected_at > clock_timestamp() - interval '1 hour');
    RETURN jsonb_build_object(
        'status', CASE WHEN (SELECT bool_and((c ->> 'ok')::boolean)
                             FROM jsonb_array_elements(checks) c) THEN 'ok' ELSE 'warning' END,
        'checked_at', clock_timestamp(), 'in_recovery', pg_is_in_recovery(),
        'database_bytes', pg_database_size(current_database()), 'checks', checks)::json;
END $$;
REVOKE ALL ON FUNCTION public.health_check() FROM PUBLIC;
