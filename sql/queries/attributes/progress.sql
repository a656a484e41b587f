-- SPDX-License-Identifier: Apache-2.0
--
-- How far the current state has followed the changes of a tenant's attributes, by the ids of the
-- entities, between those of the first and the last.
--
-- $1 tenant  bigint
-- Result     attribute_name, progress float8: from 0, below 1, to the hundredth
-- Caller     src/catalog/attribute_change.cc
SELECT a.attribute_name,
       CASE WHEN c.after_entity < e.first THEN 0
            ELSE least(0.99, trunc((c.after_entity - e.first + 1) / (e.last - e.first + 1.0), 2))
            END::float8
FROM public.attribute_changes c
JOIN public.attributes a ON a.attribute_id = c.name_id
CROSS JOIN LATERAL (SELECT min(j.entity_id) AS first, max(j.entity_id) AS last
                    FROM public.entity_jsonb j WHERE j.tenant_id = c.tenant_id) e
WHERE c.tenant_id = $1
