-- SPDX-License-Identifier: Apache-2.0
--
-- Tells every gateway that a tenant's catalog changed. The caller holds the lock of the tenant's
-- row.
--
-- $1 tenant   bigint
-- Caller      src/catalog/attribute_repository.cc
WITH raised AS (
    UPDATE public.tenants SET catalog_epoch = catalog_epoch + 1 WHERE tenant_id = $1
)
UPDATE public.catalog_clock SET epoch = epoch + 1
