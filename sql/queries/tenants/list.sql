-- SPDX-License-Identifier: Apache-2.0
--
-- Tenants by name, after a given name.
--
-- $1 after   text     '': from the first
-- $2 limit   bigint
-- $3 only    bigint   NULL: all tenants; else only this one
-- Result     tenant_id bigint, tenant_name, created_at (Unix µs), is_active
-- Caller     src/catalog/tenant_repository.cc
SELECT tenant_id, tenant_name, (extract(epoch FROM created_at) * 1000000)::bigint, is_active
FROM public.tenants
WHERE tenant_name > $1 AND ($3::bigint IS NULL OR tenant_id = $3)
ORDER BY tenant_name LIMIT $2
