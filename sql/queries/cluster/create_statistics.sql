-- SPDX-License-Identifier: Apache-2.0
--
-- Installs the statistics of statements, where the server has preloaded their library.
--
-- Role    superuser, in the database atlas
-- Caller  src/cluster/embedded_cluster.cc
CREATE EXTENSION IF NOT EXISTS pg_stat_statements
