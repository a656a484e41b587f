-- SPDX-License-Identifier: Apache-2.0
--
-- Takes ids from the sequence of entities.
--
-- $1 count   bigint   at least 1
-- Result     ids bigint[] with $1 elements
-- Caller     src/ingest/resolve/entity_registrar.cc
SELECT array_agg(nextval('public.entity_id_seq')) FROM generate_series(1, $1::bigint)
