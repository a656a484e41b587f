-- SPDX-License-Identifier: Apache-2.0
--
-- Takes ids from the sequence of entities.
--
-- $1 count   bigint
-- Result     id bigint, $1 rows
-- Caller     src/ingest/resolve/entity_registrar.cc
SELECT nextval('public.entity_id_seq') FROM generate_series(1, $1::bigint)
