-- SPDX-License-Identifier: Apache-2.0
--
-- Removes the aggregates of the chosen hours.
--
-- Caller      src/analytics/duckdb/hours.cc
DELETE FROM store.hourly h USING chosen_hours c
WHERE h.day = c.day AND h.hour = c.hour AND h.tenant_id = c.tenant_id;
