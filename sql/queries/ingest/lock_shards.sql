-- SPDX-License-Identifier: Apache-2.0
--
-- Locks these shards for the transaction in the given order, which is ascending in every writer. A
-- statement of its own, because only the next statement sees the commits that the locks waited for.
--
-- $1 shards  integer[]  ascending
-- Caller     src/ingest/commit/commit_transaction.cc
SELECT pg_advisory_xact_lock(1635019891, s) FROM unnest($1::integer[]) AS s
