-- SPDX-License-Identifier: Apache-2.0
--
-- Settings of a writer's session. Its statements look up one key per entity, always; the planner's
-- alternatives scan everything. It follows the lock protocol (sql/objects/37_edits.sql).
--
-- Result     one row, to be ignored
-- Caller     src/ingest/commit/writer.cc
SELECT set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
       set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false),
       set_config('enable_sort', 'on', false), set_config('atlas.locked', 'on', false)
