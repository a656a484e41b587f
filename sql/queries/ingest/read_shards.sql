-- SPDX-License-Identifier: Apache-2.0
--
-- The last writer of each shard, and the clock that moves with every tenant's catalog.
--
-- $1 shards  integer[]  locked by this transaction
-- Result     shard, writer, epoch
-- Caller     src/ingest/commit/commit_transaction.cc
SELECT s.shard, s.writer, c.epoch
FROM public.catalog_clock c, public.shards s
WHERE s.shard = ANY ($1::integer[])
