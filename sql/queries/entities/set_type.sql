-- SPDX-License-Identifier: Apache-2.0
--
-- Changes the type of an entity.
--
-- $1 tenant   bigint
-- $2 entity   bigint
-- $3 type     text
-- Caller      src/catalog/entity_repository.cc
UPDATE public.entities SET entity_type = $3
WHERE tenant_id = $1 AND entity_id = $2 AND entity_type <> $3
