-- SPDX-License-Identifier: Apache-2.0
--
-- Settings of a session that registers entities for their first observations: their rows of current
-- state are written with those (sql/objects/30_entities.sql).
--
-- Result     one row, to be ignored
-- Caller     src/ingest/resolve/entity_registrar.cc
SELECT set_config('atlas.state_rows', 'later', false)
