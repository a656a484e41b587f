-- SPDX-License-Identifier: Apache-2.0
-- Registers entities, as many as the tenant has room for; existing ones do not change. Sorted, so
-- that two gateways do not deadlock. A trigger adds their rows of current state.
--
-- $1 tenant  bigint  locked by the caller if it has a limit
-- $2 ids     text[]
-- $3 types   text[]
-- Result     external_id text, entity_id bigint of those that were registered
-- Caller     src/catalog/entity_repository.cc, src/ingest/resolve/entity_registrar.cc
INSERT INTO public.entities (tenant_id, entity_type, external_id)
SELECT $1, v.type, v.id
FROM unnest($2::text[], $3::text[]) AS v (id, type)
ORDER BY v.id COLLATE "C"
LIMIT (SELECT CASE WHEN t.max_entities IS NULL THEN NULL
                   ELSE greatest(0, t.max_entities - (SELECT count(*) FROM public.entities e
                                                      WHERE e.tenant_id = $1 AND NOT e.is_deleted))
              END
       FROM public.tenants t WHERE t.tenant_id = $1)
ON CONFLICT (tenant_id, external_id) DO NOTHING
RETURNING external_id, entity_id
