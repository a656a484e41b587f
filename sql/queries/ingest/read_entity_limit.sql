-- SPDX-License-Identifier: Apache-2.0
--
-- How many entities a tenant may have. Until the transaction ends, the tenant cannot be deleted.
--
-- $1 tenant  bigint
-- Result     max_entities integer, NULL without a limit; no row for a tenant that does not exist
-- Caller     src/ingest/resolve/entity_registrar.cc
SELECT max_entities FROM public.tenants WHERE tenant_id = $1 FOR KEY SHARE
