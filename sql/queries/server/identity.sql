-- SPDX-License-Identifier: Apache-2.0
--
-- Which database system this is, and how far its log is on disk. The name of the segment that is
-- being written begins with the timeline; the control file learns of a promotion later.
--
-- Result   one row: system_identifier bigint, segment text, flushed pg_lsn
-- Caller   src/primary/server_identity.cc
SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()),
       pg_walfile_name(pg_current_wal_flush_lsn()), pg_current_wal_flush_lsn()
