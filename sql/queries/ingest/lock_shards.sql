-- SPDX-License-Identifier: Apache-2.0
--
-- Takes the locks of these shards for the transaction, in the order given: ascending, as everybody
-- does. A statement of its own: only the next one sees what the lock waited for.
--
-- $1 shards  integer[]  ascending
-- Caller     src/ingest/commit/committer.cc
SELECT pg_advisory_xact_lock(1635019891, s) FROM unnest($1::integer[]) AS s
