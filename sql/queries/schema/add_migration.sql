-- SPDX-License-Identifier: Apache-2.0
--
-- Records a migration, in its transaction.
--
-- $1 version   integer
-- $2 name      text
-- $3 checksum  text  SHA-256 of the file, hexadecimal
-- Role         owner
-- Caller       src/schema/migrator.cc
INSERT INTO public.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)
