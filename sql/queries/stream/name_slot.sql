-- SPDX-License-Identifier: Apache-2.0
--
-- The name of a role's slot: slots belong to the server, roles to a database.
--
-- $1 role  text  lower-case letters, digits and underscores
-- Result   one row: text
-- Caller   src/stream/slot_lease.cc
SELECT 'atlas_' || $1::text || '_' || oid::text FROM pg_catalog.pg_database
WHERE datname = current_database()
