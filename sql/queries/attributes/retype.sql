-- SPDX-License-Identifier: Apache-2.0
--
-- Gives a tenant's attribute another type. Locks all shards.
--
-- $1 tenant   bigint
-- $2 name     text
-- $3 type     text
-- Result      'ok', 'unchanged', 'changing' or 'unknown_attribute'
-- Caller      src/catalog/attribute_change.cc
SELECT public.atlas_retype_attribute($1, $2, $3)
