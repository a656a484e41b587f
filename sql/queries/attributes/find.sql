-- SPDX-License-Identifier: Apache-2.0
--
-- One attribute of a tenant.
--
-- $1 tenant   bigint
-- $2 name     text
-- Result      attribute_id bigint (of storage), attribute_name, type, is_hot, declared, in_use,
--             unit, description, created_at (Unix µs), whether its current state follows a change,
--             whether only tags have written it, category
-- Caller      src/catalog/attribute_repository.cc
SELECT t.attribute_id, a.attribute_name, t.type, coalesce(t.is_hot, a.is_hot), t.declared,
       t.in_use, coalesce(t.unit, ''), coalesce(t.description, ''),
       (extract(epoch FROM t.created_at) * 1000000)::bigint, c.change_id IS NOT NULL,
       t.from_tags, t.category
FROM public.tenant_attributes t
JOIN public.attributes a ON a.attribute_id = t.name_id
LEFT JOIN public.attribute_changes c
    ON c.tenant_id = t.tenant_id AND c.attribute_id = t.attribute_id
WHERE t.tenant_id = $1 AND a.attribute_name = $2 AND t.state = 'current'
