-- SPDX-License-Identifier: Apache-2.0
-- Which entities exist, and how many the tenant may still register: what a dry run asks for.
--
-- $1 tenant  bigint
-- $2 ids     text[]
-- Result     external_id text, is_deleted boolean, room bigint: a row for each entity that exists,
--            and one without external_id that has the room, NULL without a limit
-- Caller     src/ingest/resolve/rehearsal.cc
SELECT v.id, e.is_deleted, NULL::bigint
FROM unnest($2::text[]) AS v (id)
CROSS JOIN LATERAL (
    SELECT x.is_deleted FROM public.entities x
    WHERE x.tenant_id = $1 AND x.external_id = v.id COLLATE "C"
    OFFSET 0
) AS e
UNION ALL
SELECT NULL, NULL,
       CASE WHEN t.max_entities IS NULL THEN NULL
            ELSE greatest(0, t.max_entities - (SELECT count(*) FROM public.entities n
                                               WHERE n.tenant_id = $1 AND NOT n.is_deleted))
       END::bigint
FROM public.tenants t
WHERE t.tenant_id = $1
