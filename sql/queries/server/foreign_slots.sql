-- SPDX-License-Identifier: Apache-2.0
--
-- The replication slots that Atlas did not make, the one that holds back most of the log first.
--
-- Result   slot_name text, slot_type text, plugin text or NULL, active boolean,
--          retained_bytes bigint, wal_status text or NULL
-- Caller   src/catalog/server_check.cc
SELECT slot_name, slot_type, plugin, active, retained_bytes, wal_status
FROM public.atlas_foreign_slots()
