-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the login role of the private server's gateway, unless it exists. It has the rights of a
-- gateway, and sees the statements of other sessions. The schema has to be there.
--
-- Role    superuser
-- Caller  src/cluster/embedded_cluster.cc
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'atlas_service') THEN
        CREATE ROLE atlas_service LOGIN;
    END IF;
    GRANT atlas_gateway, pg_read_all_stats TO atlas_service;
END $$
