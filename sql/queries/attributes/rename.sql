-- SPDX-License-Identifier: Apache-2.0
--
-- Renames a tenant's attribute. Locks all shards.
--
-- $1 tenant   bigint
-- $2 name     text
-- $3 new name text
-- Result      'ok', 'unchanged', 'changing', 'name_in_use' or 'unknown_attribute'
-- Caller      src/catalog/attribute_change.cc
SELECT public.atlas_rename_attribute($1, $2, $3)
