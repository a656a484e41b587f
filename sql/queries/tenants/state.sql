-- SPDX-License-Identifier: Apache-2.0
--
-- The epoch of a tenant's catalog, to compare with a cached copy, and the clock that moves with
-- every tenant's catalog; no row if the tenant does not exist.
--
-- $1 tenant  bigint
-- Result     epoch bigint, is_active boolean, clock bigint, entities_epoch bigint, tenant_name
-- Caller     src/catalog/catalog.cc
SELECT t.catalog_epoch, t.is_active, c.epoch, t.entities_epoch, t.tenant_name
FROM public.tenants t, public.catalog_clock c
WHERE t.tenant_id = $1
