-- SPDX-License-Identifier: Apache-2.0
-- Which process follows the log by which slot, and since when it was not seen: a warning above
-- 15 s, and for a durable role above 1 GB of retained log. A slot without an owner is adopted by
-- the job stream_slots within 10 s.
--
-- Result   slot_name text, durable boolean, address text, seconds_unseen numeric, active boolean,
--          retained_bytes bigint, wal_status text (lost: its follower has to start over)
SELECT coalesce(t.slot_name, s.slot_name::text) AS slot_name, t.durable, t.address,
       round(extract(epoch FROM now() - t.last_seen), 1) AS seconds_unseen, s.active,
       pg_wal_lsn_diff(public.atlas_log_end(), s.restart_lsn)::bigint AS retained_bytes,
       s.wal_status
FROM public.stream_slots t
FULL JOIN (SELECT * FROM pg_replication_slots
           WHERE starts_with(slot_name::text, 'atlas_') AND database = current_database()) s
    ON s.slot_name::text = t.slot_name
ORDER BY retained_bytes DESC NULLS LAST, slot_name;
