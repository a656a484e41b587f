-- SPDX-License-Identifier: Apache-2.0
--
-- Makes the row of current state of an entity that has none: a gateway registered it and has not
-- written its first observation yet.
--
-- $1 tenant  bigint
-- $2 entity  bigint
-- Caller     src/catalog/entity_repository.cc
INSERT INTO public.entity_jsonb (tenant_id, entity_id) VALUES ($1, $2)
ON CONFLICT (tenant_id, entity_id) DO NOTHING
