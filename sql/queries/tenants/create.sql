-- SPDX-License-Identifier: Apache-2.0
--
-- Creates a tenant; no row if the name is taken.
--
-- $1 name   text
-- Result    tenant_id bigint, tenant_name, created_at (Unix µs), is_active
-- Caller    src/catalog/tenant_repository.cc
INSERT INTO public.tenants (tenant_name) VALUES ($1)
ON CONFLICT (tenant_name) DO NOTHING
RETURNING tenant_id, tenant_name, (extract(epoch FROM created_at) * 1000000)::bigint, is_active
