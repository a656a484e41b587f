-- SPDX-License-Identifier: Apache-2.0
--
-- The slots of processes that were at this address before: an address has one process at a time.
--
-- $1 address  text
-- $2 owner    text  who asks
-- Result      slot_name text
-- Caller      src/stream/slot_lease.cc
SELECT t.slot_name
FROM public.stream_slots t
LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = t.slot_name::name
WHERE t.address = $1 AND t.owner <> $2 AND NOT t.durable AND s.active IS NOT TRUE
