-- SPDX-License-Identifier: Apache-2.0
--
-- Says that the owner of a slot lives, and who it is.
--
-- $1 slot_name  text
-- $2 owner      text
-- $3 address    text
-- $4 durable    boolean
-- Caller        src/stream/slot_lease.cc
INSERT INTO public.stream_slots (slot_name, owner, address, durable, last_seen)
VALUES ($1, $2, $3, $4, now())
ON CONFLICT (slot_name) DO UPDATE
SET owner = excluded.owner, address = excluded.address, durable = excluded.durable,
    last_seen = excluded.last_seen
