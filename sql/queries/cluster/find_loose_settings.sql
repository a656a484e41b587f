-- SPDX-License-Identifier: Apache-2.0
--
-- The settings of Atlas's command line that the running server got otherwise, where it has any:
-- there a file or ALTER SYSTEM can change them. data_directory, hba_file and ident_file are not
-- among them: their source is always "override".
--
-- Role    superuser
-- Result  one row with their names, text; none if there are none
-- Caller  src/cluster/embedded_cluster.cc
SELECT string_agg(name, ', ' ORDER BY name) FROM pg_catalog.pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'wal_level',
               'max_slot_wal_keep_size', 'port', 'listen_addresses', 'unix_socket_directories',
               'unix_socket_group', 'unix_socket_permissions', 'logging_collector',
               'log_destination')
  AND source <> 'command line'
HAVING count(*) > 0
