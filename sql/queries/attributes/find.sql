-- SPDX-License-Identifier: Apache-2.0
--
-- One attribute of a tenant.
--
-- $1 tenant   bigint
-- $2 name     text
-- Result      attribute_id bigint, attribute_name, type, is_hot, declared, in_use, unit,
--             description, created_at (Unix µs)
-- Caller      src/catalog/attribute_repository.cc
SELECT a.attribute_id, a.attribute_name, t.type, coalesce(t.is_hot, a.is_hot), t.declared,
       t.in_use, coalesce(t.unit, ''), coalesce(t.description, ''),
       (extract(epoch FROM t.created_at) * 1000000)::bigint
FROM public.tenant_attributes t JOIN public.attributes a USING (attribute_id)
WHERE t.tenant_id = $1 AND a.attribute_name = $2
