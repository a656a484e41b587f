-- SPDX-License-Identifier: Apache-2.0
-- Registers attributes with a tenant, whose row the caller has locked: up to the limit, and
-- strings and bools hot while it has room for hot ones. Readers learn of it by the tenant's epoch.
--
-- $1 tenant  bigint
-- $2 names   text[]   in the order in which they may become hot
-- $3 types   text[]
-- Caller     src/ingest/catalog_writer.cc
WITH room AS (
    SELECT t.max_attributes - count(x.attribute_id) AS attributes,
           t.max_hot - count(x.attribute_id) FILTER (WHERE coalesce(x.is_hot, d.is_hot)) AS hot
    FROM public.tenants t
    LEFT JOIN public.tenant_attributes x ON x.tenant_id = t.tenant_id
    LEFT JOIN public.attributes d ON d.attribute_id = x.attribute_id
    WHERE t.tenant_id = $1
    GROUP BY t.tenant_id
), missing AS (
    SELECT a.attribute_id, v.type, v.type IN ('string', 'bool') AS may_be_hot,
           row_number() OVER (ORDER BY v.place) AS place,
           count(*) FILTER (WHERE v.type IN ('string', 'bool')) OVER (ORDER BY v.place) AS hot_place
    FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS v (name, type, place)
    JOIN public.attributes a ON a.attribute_name = v.name COLLATE "C"
    WHERE NOT EXISTS (SELECT 1 FROM public.tenant_attributes x
                      WHERE x.tenant_id = $1 AND x.attribute_id = a.attribute_id)
), added AS (
    INSERT INTO public.tenant_attributes (tenant_id, attribute_id, type, is_hot, in_use)
    SELECT $1, m.attribute_id, m.type,
           CASE WHEN m.may_be_hot AND m.hot_place <= room.hot THEN true END, true
    FROM missing m, room
    WHERE m.place <= room.attributes
    ON CONFLICT DO NOTHING
    RETURNING 1
)
UPDATE public.tenants SET catalog_epoch = catalog_epoch + 1
WHERE tenant_id = $1 AND EXISTS (SELECT 1 FROM added)
