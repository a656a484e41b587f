-- SPDX-License-Identifier: Apache-2.0
--
-- All attributes of a tenant, by storage id, with what retypes superseded, and what was dropped for
-- as long as the current state may still show it.
--
-- $1 tenant  bigint
-- Result     as attributes/find.sql, and: old_name text ('': none) that is valid until the current
--            state has followed, state text, successor bigint (0: none) of what is superseded, and
--            how many retypes ago
-- Caller     src/catalog/catalog.cc
SELECT t.attribute_id, a.attribute_name, t.type, coalesce(t.is_hot, a.is_hot), t.declared,
       t.in_use, coalesce(t.unit, ''), coalesce(t.description, ''),
       (extract(epoch FROM t.created_at) * 1000000)::bigint, c.change_id IS NOT NULL,
       t.from_tags, t.category,
       coalesce(o.attribute_name, ''), t.state, coalesce(t.newer[cardinality(t.newer)], 0)::bigint,
       coalesce(cardinality(t.newer), 0)::bigint
FROM public.tenant_attributes t
JOIN public.attributes a ON a.attribute_id = t.name_id
LEFT JOIN public.attribute_changes c
    ON c.tenant_id = t.tenant_id AND c.attribute_id = t.attribute_id
LEFT JOIN public.attributes o ON o.attribute_id = c.old_name_id
WHERE t.tenant_id = $1 AND (t.state <> 'dropped' OR c.change_id IS NOT NULL)
ORDER BY t.attribute_id
