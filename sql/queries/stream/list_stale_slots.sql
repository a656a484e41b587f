-- SPDX-License-Identifier: Apache-2.0
--
-- Slots whose owner is gone for longer than its lease, or that hold back more log than the server
-- allows; never those of durable roles.
--
-- $1 lease  double precision  seconds
-- Result    slot_name text, active_pid integer or NULL, address text, seconds_gone bigint,
--           retained_bytes bigint
-- Caller    src/stream/stale_slots.cc
SELECT t.slot_name, s.active_pid, t.address,
       extract(epoch FROM now() - t.last_seen)::bigint,
       greatest(0, pg_wal_lsn_diff(pg_current_wal_flush_lsn(), s.restart_lsn))::bigint
FROM public.stream_slots t
JOIN pg_catalog.pg_replication_slots s ON s.slot_name = t.slot_name::name
WHERE NOT t.durable AND s.database = current_database()
  AND (t.last_seen < now() - make_interval(secs => $1) OR s.wal_status IN ('unreserved', 'lost'))
