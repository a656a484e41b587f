-- SPDX-License-Identifier: Apache-2.0
-- Like settings.sql, for reads that walk an index in order and stop early: no bitmap scan, no sort.
--
-- Result      one row, to be ignored
-- Caller      src/primary/reads.cc
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
