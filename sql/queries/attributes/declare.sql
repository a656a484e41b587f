-- SPDX-License-Identifier: Apache-2.0
--
-- Registers an attribute of the dictionary with a tenant that does not have it yet. The caller
-- holds the lock of the tenant's row.
--
-- $1 tenant        bigint
-- $2 name          text
-- $3 type          text
-- $4 hot           boolean
-- $5 unit          text      '' for none
-- $6 description   text      '' for none
-- $7 category      text
-- Caller           src/catalog/attribute_repository.cc
INSERT INTO public.tenant_attributes (tenant_id, attribute_id, name_id, type, is_hot, declared,
                                      unit, description, category)
SELECT $1, public.atlas_storage_id($1, attribute_id), attribute_id, $3, $4, true,
       nullif($5, ''), nullif($6, ''), $7
FROM public.attributes WHERE attribute_name = $2
