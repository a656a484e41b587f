-- SPDX-License-Identifier: Apache-2.0
--
-- Records the functions and views, in the transaction that applies them.
--
-- $1 checksum  text  SHA-256 of their files, hexadecimal
-- $2 program   text  version that applies them
-- Role         owner
-- Caller       src/schema/migrator.cc
INSERT INTO public.schema_objects (checksum, program) VALUES ($1, $2)
ON CONFLICT (only_row) DO UPDATE
    SET checksum = excluded.checksum, program = excluded.program, applied_at = now()
