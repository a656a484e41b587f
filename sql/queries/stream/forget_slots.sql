-- SPDX-License-Identifier: Apache-2.0
--
-- Deletes the entries of slots that are no more, once their lease is over.
--
-- $1 lease  double precision  seconds
-- Caller    src/stream/stale_slots.cc
DELETE FROM public.stream_slots t
WHERE t.last_seen < now() - make_interval(secs => $1)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s
                  WHERE s.slot_name = t.slot_name::name)
