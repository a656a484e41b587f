-- SPDX-License-Identifier: Apache-2.0
-- WAL that slots retain: a warning above 1 GB, critical above 10 GB.
--
-- Result   slot_name name, slot_type text, active boolean, retained_bytes bigint, wal_status text,
--          safe_bytes bigint (until the slot is lost; NULL: no limit set)
SELECT slot_name, slot_type, active,
       pg_wal_lsn_diff(public.atlas_log_end(), restart_lsn)::bigint AS retained_bytes,
       wal_status, safe_wal_size AS safe_bytes
FROM pg_replication_slots
ORDER BY retained_bytes DESC NULLS LAST;
