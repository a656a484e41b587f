-- SPDX-License-Identifier: Apache-2.0
--
-- Whether the database exists.
--
-- Role    superuser
-- Result  one row if it does, else none
-- Caller  src/cluster/embedded_cluster.cc
SELECT 1 FROM pg_catalog.pg_database WHERE datname = 'atlas'
