-- SPDX-License-Identifier: Apache-2.0
-- Each process of Atlas that follows the log: what it has been sent, what it has stored, and what
-- that holds back. Seconds are NULL for a slot that nobody reads.
--
-- Result   slot_name name, state text, client_addr inet, not_sent_bytes bigint,
--          not_stored_bytes bigint, lag_seconds numeric, retained_bytes bigint
SELECT s.slot_name, coalesce(r.state, 'not read') AS state, r.client_addr,
       greatest(0, pg_wal_lsn_diff(here.lsn, r.sent_lsn))::bigint AS not_sent_bytes,
       greatest(0, pg_wal_lsn_diff(here.lsn, s.confirmed_flush_lsn))::bigint AS not_stored_bytes,
       CASE WHEN s.confirmed_flush_lsn >= here.lsn THEN 0
            ELSE round(extract(epoch FROM r.flush_lag), 3) END AS lag_seconds,
       pg_wal_lsn_diff(here.lsn, s.restart_lsn)::bigint AS retained_bytes
FROM pg_replication_slots s
LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid
CROSS JOIN (SELECT public.atlas_log_end() AS lsn) here
WHERE starts_with(s.slot_name::text, 'atlas_')
ORDER BY s.slot_name;
