-- SPDX-License-Identifier: Apache-2.0
--
-- Removes the aggregates of the day of the chosen hours.
--
-- Caller      src/analytics/duckdb/hours.cc
DELETE FROM store.daily d USING (SELECT DISTINCT tenant_id, day FROM chosen_hours) c
WHERE d.day = c.day AND d.tenant_id = c.tenant_id;
