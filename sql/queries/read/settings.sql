-- SPDX-License-Identifier: Apache-2.0
-- Settles the plans of keyed reads for one transaction: they are made for the values of their
-- parameters, which prune partitions; joins follow keys, nothing is scanned whole. The planner's
-- own choice, a hash join over everything, is right only for statistics that young tables do not
-- have.
--
-- Result      one row, of no use
-- Caller      src/query/reads.cc
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true),
       set_config('plan_cache_mode', 'force_custom_plan', true);
