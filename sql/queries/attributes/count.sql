-- SPDX-License-Identifier: Apache-2.0
--
-- How many attributes a tenant has, and how many of them are hot.
--
-- $1 tenant   bigint
-- Result      attributes bigint, hot bigint
-- Caller      src/catalog/attribute_repository.cc
SELECT count(*), count(*) FILTER (WHERE coalesce(t.is_hot, a.is_hot))
FROM public.tenant_attributes t JOIN public.attributes a ON a.attribute_id = t.name_id
WHERE t.tenant_id = $1 AND t.state = 'current'
