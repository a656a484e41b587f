-- SPDX-License-Identifier: Apache-2.0
-- As settings.sql, for reads that walk an index in its order and stop early: no bitmap, no sort.
--
-- Result      one row, of no use
-- Caller      src/query/reads.cc
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
