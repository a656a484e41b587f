-- SPDX-License-Identifier: Apache-2.0
--
-- Makes the rows of current state that these entities lack, under the locks of their shards.
--
-- $1 tenants   bigint[]
-- $2 entities  bigint[]
-- Result       one row: restored rows, integer
-- Caller       src/ingest/commit/history_reader.cc
SELECT public.atlas_restore_states($1::bigint[], $2::bigint[])
