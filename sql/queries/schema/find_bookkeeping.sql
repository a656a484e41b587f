-- SPDX-License-Identifier: Apache-2.0
--
-- Whether the database has the tables of create_bookkeeping.sql. Works on an empty database.
--
-- Result  one row: boolean
-- Caller  src/schema/migrator.cc
SELECT to_regclass('public.schema_migrations') IS NOT NULL
   AND to_regclass('public.schema_objects') IS NOT NULL
