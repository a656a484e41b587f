-- SPDX-License-Identifier: Apache-2.0
-- Adds names to the dictionary of attributes, with strings and bools hot; existing names do not
-- change. Sorted, so that two gateways do not deadlock. All tenants share the dictionary, so no
-- more names are added than this tenant has room for.
--
-- $1 tenant  bigint
-- $2 names   text[]   unknown to the tenant, in the order in which it gets them
-- $3 types   text[]   of the first value; the default for tenants without a type of their own
-- Caller     src/catalog/attribute_repository.cc, src/ingest/resolve/catalog_writer.cc
INSERT INTO public.attributes (attribute_name, data_type, type, is_hot)
SELECT v.name,
       CASE WHEN v.type = 'double' THEN 'decimal' ELSE v.type END,
       v.type,
       v.type IN ('string', 'bool')
FROM (SELECT u.name, u.type
      FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS u (name, type, place)
      ORDER BY u.place
      LIMIT (SELECT greatest(0, t.max_attributes - (SELECT count(*) FROM public.tenant_attributes x
                                                    WHERE x.tenant_id = $1
                                                      AND x.state = 'current'))
             FROM public.tenants t WHERE t.tenant_id = $1)) AS v
WHERE NOT EXISTS (SELECT 1 FROM public.attributes a WHERE a.attribute_name = v.name COLLATE "C")
ORDER BY v.name COLLATE "C"
ON CONFLICT (attribute_name) DO NOTHING
