-- SPDX-License-Identifier: Apache-2.0
--
-- The partitions of history, newest first.
--
-- Result      partition name
-- Caller      src/catalog/attribute_change.cc
SELECT partition FROM public.atlas_partitions() ORDER BY first_day DESC
