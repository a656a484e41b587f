-- SPDX-License-Identifier: Apache-2.0
--
-- One tenant by its name.
--
-- $1 name   text
-- Result    tenant_id bigint, tenant_name, created_at (Unix µs), is_active
-- Caller    src/catalog/tenant_repository.cc
SELECT tenant_id, tenant_name, (extract(epoch FROM created_at) * 1000000)::bigint, is_active
FROM public.tenants WHERE tenant_name = $1
