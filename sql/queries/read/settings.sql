-- SPDX-License-Identifier: Apache-2.0
-- Fixes the plans of keyed reads for one transaction. Custom plans use the parameter values to
-- prune partitions, joins follow keys, and no table is scanned in full. Without these settings the
-- planner chooses hash joins over whole tables until new tables have statistics.
--
-- Result      one row, to be ignored
-- Caller      src/index/feed/initial_load.cc, src/primary/reads.cc
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('plan_cache_mode', 'force_custom_plan', true);
