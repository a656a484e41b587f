-- SPDX-License-Identifier: Apache-2.0
-- Registers attributes with a tenant, whose row the caller has locked: up to its limits of
-- attributes and of hot ones. The dictionary's flag decides whether an attribute is hot. If the
-- dictionary has another kind of value under the name, strings and bools are hot and other types
-- are not. The tenant gets a flag of its own only where it differs, so that a later change of the
-- dictionary's flag reaches the tenant. The tenant's epoch tells readers of the change.
--
-- $1 tenant  bigint
-- $2 names   text[]   in the order in which they may become hot
-- $3 types   text[]
-- $4 tags    boolean  they are tags of line protocol
-- Caller     src/ingest/resolve/catalog_writer.cc
WITH room AS (
    SELECT t.max_attributes - count(x.attribute_id) AS attributes,
           t.max_hot - count(x.attribute_id) FILTER (WHERE coalesce(x.is_hot, d.is_hot)) AS hot
    FROM public.tenants t
    LEFT JOIN public.tenant_attributes x ON x.tenant_id = t.tenant_id AND x.state = 'current'
    LEFT JOIN public.attributes d ON d.attribute_id = x.name_id
    WHERE t.tenant_id = $1
    GROUP BY t.tenant_id
), wanted AS (
    SELECT a.attribute_id, v.type, v.place, a.is_hot AS by_default,
           CASE WHEN (a.type IN ('string', 'bool')) = (v.type IN ('string', 'bool'))
                THEN a.is_hot ELSE v.type IN ('string', 'bool') END AS hot
    FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS v (name, type, place)
    JOIN public.attributes a ON a.attribute_name = v.name COLLATE "C"
    WHERE NOT EXISTS (SELECT 1 FROM public.tenant_attributes x
                      WHERE x.tenant_id = $1 AND x.name_id = a.attribute_id
                        AND x.state = 'current')
      AND NOT EXISTS (SELECT 1 FROM public.attribute_changes x
                      WHERE x.tenant_id = $1 AND x.old_name_id = a.attribute_id)
), missing AS (
    SELECT w.*, row_number() OVER (ORDER BY w.place) AS nth,
           count(*) FILTER (WHERE w.hot) OVER (ORDER BY w.place) AS nth_hot
    FROM wanted w
), added AS (
    INSERT INTO public.tenant_attributes (tenant_id, attribute_id, name_id, type, is_hot, in_use,
                                          from_tags)
    SELECT $1,
           -- The function's answer without a call, where no earlier use of the name needs one.
           CASE WHEN EXISTS (SELECT 1 FROM public.tenant_attributes x
                             WHERE x.tenant_id = $1 AND x.attribute_id = m.attribute_id)
                THEN public.atlas_storage_id($1, m.attribute_id) ELSE m.attribute_id END,
           m.attribute_id, m.type,
           nullif(m.hot AND m.nth_hot <= room.hot, m.by_default), true, $4
    FROM missing m, room
    WHERE m.nth <= room.attributes
    ON CONFLICT DO NOTHING
    RETURNING 1
)
UPDATE public.tenants SET catalog_epoch = catalog_epoch + 1
WHERE tenant_id = $1 AND EXISTS (SELECT 1 FROM added)
