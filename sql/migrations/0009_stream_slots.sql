-- SPDX-License-Identifier: Apache-2.0
--
-- Who reads which replication slot of this database. A slot that nothing reads keeps the log until
-- the disk is full, so each has an owner that says it lives.

CREATE TABLE stream_slots (
    slot_name text COLLATE "C" PRIMARY KEY CHECK (slot_name ~ '^atlas_[a-z0-9_]{1,57}$'),
    owner     text NOT NULL,         -- a process, chosen at its start; '': not known yet
    address   text NOT NULL,         -- where that process is found
    -- Of a role whose follower stores data: its slot outlives its processes, and is never dropped
    -- because an owner is gone.
    durable   boolean NOT NULL,
    last_seen timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
