-- SPDX-License-Identifier: Apache-2.0
--
-- Drops a slot that no session reads, where it is still there. Fails with 55006 while one does.
--
-- $1 slot_name  text
-- Caller        src/stream/slot_lease.cc, src/stream/stale_slots.cc
SELECT pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots
WHERE slot_name = $1
