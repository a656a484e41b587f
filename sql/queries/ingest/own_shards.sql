-- SPDX-License-Identifier: Apache-2.0
--
-- Records who writes these shards from now on: other writers drop their cached states of them.
--
-- $1 shards  integer[]  locked by this transaction
-- $2 writer  bigint     not 0, which is every writer that is not a gateway
-- Caller     src/ingest/commit/commit_transaction.cc
UPDATE public.shards SET writer = $2 WHERE shard = ANY ($1::integer[])
