-- SPDX-License-Identifier: Apache-2.0
--
-- Carries out retypes, renames and drops of attributes in the current state of some entities.
--
-- $1 tenant   bigint    NULL: of all tenants
-- Result      one row: whether anything is left to do, boolean
-- Caller      src/catalog/attribute_change.cc, src/jobs/standard_jobs.cc
SELECT public.atlas_continue_changes($1)
