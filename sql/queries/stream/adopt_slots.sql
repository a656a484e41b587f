-- SPDX-License-Identifier: Apache-2.0
--
-- Enters the slots of Atlas in this database that have no entry: after the table was restored, or
-- where an owner ended before its first word. Their lease begins now. The slots of durable roles
-- have no process in their names.
--
-- Caller  src/stream/stale_slots.cc
INSERT INTO public.stream_slots (slot_name, owner, address, durable)
SELECT s.slot_name::text, '', '', s.slot_name::text !~ '_[0-9a-f]{16}$'
FROM pg_catalog.pg_replication_slots s
WHERE starts_with(s.slot_name::text, 'atlas_') AND s.database = current_database()
ON CONFLICT (slot_name) DO NOTHING
