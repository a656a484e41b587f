-- SPDX-License-Identifier: Apache-2.0
--
-- Changes the settings of a tenant's attribute. The caller holds the lock of the tenant's row.
--
-- $1 tenant        bigint
-- $2 attribute     bigint
-- $3 type          text
-- $4 unit          text      '' for none
-- $5 description   text      '' for none
-- $6 declared      boolean
-- $7 category      text
-- Caller           src/catalog/attribute_repository.cc
UPDATE public.tenant_attributes
SET type = $3, unit = nullif($4, ''), description = nullif($5, ''), declared = $6,
    category = $7
WHERE tenant_id = $1 AND attribute_id = $2
