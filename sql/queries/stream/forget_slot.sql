-- SPDX-License-Identifier: Apache-2.0
--
-- Deletes the entry of a slot.
--
-- $1 slot_name  text
-- Caller        src/stream/slot_lease.cc, src/stream/stale_slots.cc
DELETE FROM public.stream_slots WHERE slot_name = $1
