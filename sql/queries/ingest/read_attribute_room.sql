-- SPDX-License-Identifier: Apache-2.0
-- How many attributes a tenant may still get.
--
-- $1 tenant  bigint
-- Result     room bigint
-- Caller     src/ingest/resolve/rehearsal.cc
SELECT greatest(0, t.max_attributes - (SELECT count(*) FROM public.tenant_attributes x
                                       WHERE x.tenant_id = t.tenant_id
                                         AND x.state = 'current'))::bigint
FROM public.tenants t
WHERE t.tenant_id = $1
