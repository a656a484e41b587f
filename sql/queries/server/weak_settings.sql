-- SPDX-License-Identifier: Apache-2.0
--
-- The settings of this session that weaken what acknowledgement promises.
--
-- Result   a row per setting that is off: name text; none when all are on
-- Caller   src/catalog/server_check.cc
SELECT s.name FROM (VALUES ('fsync'), ('full_page_writes'), ('synchronous_commit')) s (name)
WHERE current_setting(s.name) = 'off'
