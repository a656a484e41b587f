-- SPDX-License-Identifier: Apache-2.0
--
-- Tells every gateway that external ids of these tenants mean other entities.
--
-- $1 tenants  bigint[]
-- Result      one row, to be ignored
-- Caller      src/ingest/commit/writer.cc
SELECT public.atlas_raise_entities_epochs($1::bigint[])
