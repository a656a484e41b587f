-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the role that owns the database, unless it exists: an ordinary role that may create roles
-- and read statistics.
--
-- Role    superuser
-- Caller  src/cluster/embedded_cluster.cc
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'atlas') THEN
        CREATE ROLE atlas LOGIN CREATEROLE;
    END IF;
    GRANT pg_monitor TO atlas;
END $$
