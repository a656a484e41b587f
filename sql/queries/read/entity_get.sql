-- SPDX-License-Identifier: Apache-2.0
-- One entity by its external id, retired ones included.
--
-- $1 tenant_id    bigint
-- $2 external_id  text
-- Result      no row or one, in the binary format
-- Caller      src/query/entity_get.cc
SELECT e.entity_id, e.external_id, e.entity_type::text, e.created_at, j.updated_at, j.last_day,
       j.hot_attrs::text, j.hot_at::text, e.is_deleted
FROM public.entities e
JOIN public.entity_jsonb j ON j.tenant_id = e.tenant_id AND j.entity_id = e.entity_id
WHERE e.tenant_id = $1::bigint AND e.external_id = $2::text
