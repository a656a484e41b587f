-- SPDX-License-Identifier: Apache-2.0
--
-- Settings of a session that registers attributes, and entities for their first observations: the
-- rows of current state of those are written with them (sql/objects/30_entities.sql). Its
-- statements look up keys, always, so that each is planned once; the planner's alternatives scan
-- everything.
--
-- Result     one row, to be ignored
-- Caller     src/ingest/resolve/entity_registrar.cc
SELECT set_config('atlas.state_rows', 'later', false),
       set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
       set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false)
