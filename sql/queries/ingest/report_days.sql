-- SPDX-License-Identifier: Apache-2.0
--
-- Reports closed days that this transaction writes to, so that the statistics count them again.
--
-- $1 days  integer[]  days since 1970, UTC
-- Caller   src/ingest/commit/commit_transaction.cc
INSERT INTO public.closed_day_writes (day)
SELECT date '1970-01-01' + d FROM unnest($1::integer[]) AS d
