-- SPDX-License-Identifier: Apache-2.0
-- Adds names to the dictionary of attributes, those of strings and bools hot; one that is there
-- stays as it is. Sorted, so that two gateways that meet do not deadlock.
--
-- $1 names   text[]
-- $2 types   text[]   the type of the first value, for tenants that have none of their own
-- Caller     src/ingest/catalog_writer.cc
INSERT INTO public.attributes (attribute_name, data_type, type, is_hot)
SELECT v.name,
       CASE WHEN v.type = 'double' THEN 'decimal' ELSE v.type END,
       v.type,
       v.type IN ('string', 'bool')
FROM unnest($1::text[], $2::text[]) AS v (name, type)
WHERE NOT EXISTS (SELECT 1 FROM public.attributes a WHERE a.attribute_name = v.name COLLATE "C")
ORDER BY v.name COLLATE "C"
ON CONFLICT (attribute_name) DO NOTHING
