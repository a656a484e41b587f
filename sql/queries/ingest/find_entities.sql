-- SPDX-License-Identifier: Apache-2.0
-- The entity_id of each external id that exists; no row for the others.
--
-- $1 tenant  bigint
-- $2 ids     text[]  sorted
-- Result     external_id text, entity_id bigint
-- Caller     src/ingest/resolve/entity_resolver.cc
SELECT v.id, e.entity_id
FROM unnest($2::text[]) AS v (id)
CROSS JOIN LATERAL (
    SELECT x.entity_id FROM public.entities x
    WHERE x.tenant_id = $1 AND x.external_id = v.id COLLATE "C"
    OFFSET 0
) AS e
