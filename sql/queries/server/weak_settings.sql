-- SPDX-License-Identifier: Apache-2.0
--
-- The settings of this session that weaken what acknowledgement promises, or keep writes from it.
--
-- Result   a row per setting that is off: name text; and synchronous_standby_names, if the session
--          waits for a standby and none is connected as synchronous. Without pg_monitor every
--          standby counts. None when all is well
-- Caller   src/catalog/server_check.cc
SELECT s.name FROM (VALUES ('fsync'), ('full_page_writes'), ('synchronous_commit')) s (name)
WHERE current_setting(s.name) = 'off'
UNION ALL
SELECT 'synchronous_standby_names'
WHERE current_setting('synchronous_standby_names') <> ''
  AND current_setting('synchronous_commit') NOT IN ('off', 'local')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_replication
                  WHERE coalesce(sync_state, 'sync') IN ('sync', 'quorum'))
