-- SPDX-License-Identifier: Apache-2.0
--
-- The epochs of tenants' catalogs.
--
-- $1 tenants  bigint[]
-- Result      tenant_id bigint, catalog_epoch bigint; no row for a tenant that does not exist
-- Caller      src/ingest/commit/commit_transaction.cc
SELECT tenant_id, catalog_epoch FROM public.tenants WHERE tenant_id = ANY ($1::bigint[])
