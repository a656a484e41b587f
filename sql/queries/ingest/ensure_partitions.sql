-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the partitions that these days lack. Runs outside a transaction.
--
-- $1 days   integer[]  days since 1970, UTC
-- Result    day integer: the days that cannot have a partition
-- Caller    src/ingest/commit/partitions.cc
SELECT refused - date '1970-01-01'
FROM unnest(public.atlas_try_partitions(
         (SELECT array_agg(date '1970-01-01' + d) FROM unnest($1::integer[]) AS d))) AS refused
