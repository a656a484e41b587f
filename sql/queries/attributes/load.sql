-- SPDX-License-Identifier: Apache-2.0
--
-- All attributes of a tenant, by id.
--
-- $1 tenant  bigint
-- Result     as attributes/find.sql
-- Caller     src/catalog/catalog.cc
SELECT a.attribute_id, a.attribute_name, t.type, coalesce(t.is_hot, a.is_hot), t.declared,
       t.in_use, coalesce(t.unit, ''), coalesce(t.description, ''),
       (extract(epoch FROM t.created_at) * 1000000)::bigint
FROM public.tenant_attributes t JOIN public.attributes a USING (attribute_id)
WHERE t.tenant_id = $1
ORDER BY a.attribute_id
