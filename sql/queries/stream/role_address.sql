-- SPDX-License-Identifier: Apache-2.0
--
-- Where the process is found over HTTP that reads for a durable role, unless it has been silent.
--
-- $1 role      text
-- $2 patience  double precision  seconds
-- Result       at most one row: text
-- Caller       src/stream/slot_lease.cc
SELECT t.address
FROM public.stream_slots t
WHERE t.slot_name = (SELECT 'atlas_' || $1::text || '_' || d.oid::text
                     FROM pg_catalog.pg_database d WHERE d.datname = current_database())
  AND t.durable
  AND t.address LIKE 'http%'
  AND t.last_seen > now() - make_interval(secs => $2)
