-- SPDX-License-Identifier: Apache-2.0
--
-- The partitions of history, newest first.
--
-- Result      partition name, its first day and the day after its last, in days since 1970
-- Caller      src/catalog/attribute_change.cc
SELECT partition, first_day - date '1970-01-01', end_day - date '1970-01-01'
FROM public.atlas_partitions() ORDER BY first_day DESC
