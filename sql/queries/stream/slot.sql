-- SPDX-License-Identifier: Apache-2.0
--
-- One slot, as the server has it.
--
-- $1 slot_name  text
-- Result        none where there is no such slot; else one row: confirmed pg_lsn or NULL,
--               is_lost boolean (the server has deleted its log), is_ours boolean (a slot of this
--               database with our plugin), active_pid integer or NULL, retained_bytes bigint
-- Caller        src/stream/slot_state.cc
SELECT confirmed_flush_lsn,
       coalesce(wal_status, '') = 'lost',
       coalesce(database = current_database() AND plugin = 'pgoutput', false),
       active_pid,
       greatest(0, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                                        ELSE pg_current_wal_flush_lsn() END,
                                   restart_lsn))::bigint
FROM pg_catalog.pg_replication_slots
WHERE slot_name = $1
