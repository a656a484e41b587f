-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the login roles that do not own the database, unless they exist: of the private server's
-- gateway, with the rights of a gateway and sight of the statements of other sessions; and of
-- people who read (`atlas dsn --role reader`). The schema has to be there.
--
-- Role    superuser
-- Caller  src/cluster/embedded_cluster.cc
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'atlas_service') THEN
        CREATE ROLE atlas_service LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'atlas_viewer') THEN
        CREATE ROLE atlas_viewer LOGIN;
    END IF;
    GRANT atlas_gateway, pg_read_all_stats TO atlas_service;
    GRANT atlas_reader, pg_monitor TO atlas_viewer;
END $$
