-- SPDX-License-Identifier: Apache-2.0
-- Compares the current state of some entities with their history of the last 7 days. Every row is a
-- difference; there should be none.
--
-- :entities  integer  how many entities to compare, chosen at random; default 200
-- Result     tenant_id bigint, entity_id bigint, attribute_name varchar, in_state jsonb,
--            in_history text
\if :{?entities}
\else
\set entities 200
\endif
SELECT j.tenant_id, j.entity_id, h.attribute_name, j.hot_attrs -> h.attribute_name AS in_state,
       h.value AS in_history
FROM (SELECT * FROM public.entity_jsonb
      WHERE last_day > (now() AT TIME ZONE 'UTC')::date - 7
      ORDER BY random() LIMIT :entities) j
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (a.attribute_id) a.attribute_name, v.value, v.value_decimal, v.value_json
    FROM public.entity_values_ts v
    JOIN public.attributes a ON a.attribute_id = v.attribute_id
    JOIN public.tenant_attributes ta ON ta.name_id = a.attribute_id
                                    AND ta.tenant_id = j.tenant_id AND ta.state = 'current'
    WHERE v.tenant_id = j.tenant_id AND v.entity_id = j.entity_id
      AND v.ingested_at >= now() - interval '7 days'
      AND v.ingested_at < now() + interval '10 minutes' AND coalesce(ta.is_hot, a.is_hot)
    ORDER BY a.attribute_id, v.ingested_at DESC) h
WHERE CASE WHEN h.value_json IS NOT NULL
           THEN j.hot_attrs -> h.attribute_name IS DISTINCT FROM h.value_json
           WHEN h.value_decimal IS NOT NULL
           THEN j.hot_attrs -> h.attribute_name IS DISTINCT FROM to_jsonb(h.value_decimal)
           ELSE j.hot_attrs ->> h.attribute_name IS DISTINCT FROM h.value END;
