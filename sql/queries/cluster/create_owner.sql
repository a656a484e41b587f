-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the role that owns the database, unless it exists: an ordinary role that may create
-- roles, read statistics and stream the log.
--
-- Role    superuser
-- Caller  src/cluster/embedded_cluster.cc
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'atlas') THEN
        CREATE ROLE atlas LOGIN CREATEROLE REPLICATION;
    END IF;
    -- Made by an earlier version.
    IF NOT (SELECT rolreplication FROM pg_catalog.pg_roles WHERE rolname = 'atlas') THEN
        ALTER ROLE atlas REPLICATION;
    END IF;
    GRANT pg_monitor TO atlas;
END $$
