-- SPDX-License-Identifier: Apache-2.0
--
-- Drops a tenant's attribute. Locks all shards.
--
-- $1 tenant   bigint
-- $2 name     text
-- Result      'ok', 'changing' or 'unknown_attribute'
-- Caller      src/catalog/attribute_change.cc
SELECT public.atlas_drop_attribute($1, $2)
