-- SPDX-License-Identifier: Apache-2.0
--
-- One entity by its external id, retired or not.
--
-- $1 tenant     bigint
-- $2 external   text
-- Result        entity_id bigint, entity_type, is_deleted
-- Caller        src/catalog/entity_repository.cc
SELECT entity_id, entity_type, is_deleted FROM public.entities
WHERE tenant_id = $1 AND external_id = $2
