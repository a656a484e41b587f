-- SPDX-License-Identifier: Apache-2.0
--
-- Retires or revives an entity under its shard's lock.
--
-- $1 tenant    bigint
-- $2 entity    bigint
-- $3 deleted   boolean
-- Result       'ok', 'unchanged', 'unknown_entity' or 'entity_limit'
-- Caller       src/catalog/entity_repository.cc
SELECT public.atlas_set_entity_deleted($1, $2, $3)
