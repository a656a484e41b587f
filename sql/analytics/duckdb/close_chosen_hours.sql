-- SPDX-License-Identifier: Apache-2.0
--
-- $1          generation: what was opened later stays open
-- Caller      src/analytics/duckdb/hours.cc
DELETE FROM store.open_hours o USING chosen_hours c
WHERE o.day = c.day AND o.hour = c.hour AND o.tenant_id = c.tenant_id AND o.generation <= $1;
