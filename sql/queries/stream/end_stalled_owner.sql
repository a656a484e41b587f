-- SPDX-License-Identifier: Apache-2.0
--
-- Ends the sessions of a durable role's owner that has not said for a while that it lives, such as
-- one that was stopped by a signal: its lock and its slot are then free.
--
-- $1 role       text
-- $2 slot_name  text
-- $3 patience   double precision  seconds
-- Result        a row per session: boolean
-- Caller        src/stream/slot_lease.cc
SELECT pg_terminate_backend(o.pid)
FROM (SELECT l.pid FROM pg_locks l
      WHERE l.locktype = 'advisory' AND l.classid = 1635019892 AND l.granted
        AND l.objid::bigint = (hashtext('stream ' || $1) & 2147483647)
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      UNION
      SELECT s.active_pid FROM pg_replication_slots s
      WHERE s.slot_name = $2 AND s.active_pid IS NOT NULL) o
WHERE EXISTS (SELECT FROM public.stream_slots t
              WHERE t.slot_name = $2 AND t.last_seen < now() - make_interval(secs => $3))
