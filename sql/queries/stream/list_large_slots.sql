-- SPDX-License-Identifier: Apache-2.0
--
-- Slots of Atlas in this database that hold back more log than that, the largest first.
--
-- $1 bytes  bigint
-- Result    slot_name text, active boolean, retained_bytes bigint
-- Caller    src/stream/stale_slots.cc
SELECT s.slot_name::text, s.active, r.bytes
FROM pg_catalog.pg_replication_slots s
CROSS JOIN LATERAL (SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), s.restart_lsn)::bigint) r
    (bytes)
WHERE starts_with(s.slot_name::text, 'atlas_') AND s.database = current_database()
  AND r.bytes > $1
ORDER BY r.bytes DESC
