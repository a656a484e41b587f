-- SPDX-License-Identifier: Apache-2.0
--
-- A tenant's attributes by name, after a given name.
--
-- $1 tenant   bigint
-- $2 after    text      '': from the first
-- $3 prefix   text
-- $4 hot      boolean   NULL: hot and cold
-- $5 limit    bigint
-- Result      as attributes/find.sql
-- Caller      src/catalog/attribute_repository.cc
SELECT t.attribute_id, a.attribute_name, t.type, coalesce(t.is_hot, a.is_hot), t.declared,
       t.in_use, coalesce(t.unit, ''), coalesce(t.description, ''),
       (extract(epoch FROM t.created_at) * 1000000)::bigint, c.change_id IS NOT NULL,
       t.from_tags, t.category
FROM public.tenant_attributes t
JOIN public.attributes a ON a.attribute_id = t.name_id
LEFT JOIN public.attribute_changes c
    ON c.tenant_id = t.tenant_id AND c.attribute_id = t.attribute_id
WHERE t.tenant_id = $1 AND t.state = 'current'
  AND a.attribute_name > $2 AND starts_with(a.attribute_name, $3)
  AND ($4::boolean IS NULL OR coalesce(t.is_hot, a.is_hot) = $4)
ORDER BY a.attribute_name LIMIT $5
