-- SPDX-License-Identifier: Apache-2.0
-- Slots that need a person: lost, or holding back 1 GB of the log (logical) or 10 GB (physical).
-- Those called atlas_… are Atlas's own: the follower of a lost one starts over by itself.
--
-- Result   slot_name name, slot_type text, active boolean, retained_bytes bigint, wal_status text,
--          alarm text (lost, about to be lost, retains too much, nobody reads it, or ok)
SELECT slot_name, slot_type, active, retained_bytes, wal_status,
       CASE WHEN wal_status = 'lost' THEN 'lost'
            WHEN wal_status = 'unreserved' THEN 'about to be lost'
            WHEN retained_bytes >= CASE slot_type WHEN 'logical' THEN 1073741824
                                                  ELSE 10737418240 END THEN 'retains too much'
            WHEN NOT active THEN 'nobody reads it'
            ELSE 'ok' END AS alarm
FROM (SELECT slot_name, slot_type, active, wal_status,
             pg_wal_lsn_diff(public.atlas_log_end(), restart_lsn)::bigint AS retained_bytes
      FROM pg_replication_slots) s
ORDER BY retained_bytes DESC NULLS FIRST, slot_name;
