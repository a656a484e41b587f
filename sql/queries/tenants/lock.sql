-- SPDX-License-Identifier: Apache-2.0
--
-- Locks a tenant's row, so that its catalog and limits do not change until the transaction ends.
-- Comes after the shard locks, if there are any.
--
-- $1 tenant   bigint
-- Result      max_attributes integer, max_hot integer
-- Caller      src/catalog/entity_repository.cc, src/catalog/attribute_repository.cc,
--             src/ingest/resolve/catalog_writer.cc, src/ingest/resolve/entity_registrar.cc
SELECT max_attributes, max_hot FROM public.tenants WHERE tenant_id = $1 FOR NO KEY UPDATE
