-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the tables that record which migrations and which objects the database has.
--
-- Role    owner
-- Caller  src/schema/migrator.cc
CREATE TABLE IF NOT EXISTS public.schema_migrations (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS public.schema_objects (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    checksum   text NOT NULL,
    program    text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
