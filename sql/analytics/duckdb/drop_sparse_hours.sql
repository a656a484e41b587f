-- SPDX-License-Identifier: Apache-2.0
--
-- Removes the aggregates of the chosen hours that keep_sparse_hours.sql left open.
--
-- Caller      src/analytics/duckdb/hours.cc
DELETE FROM store.hourly h USING chosen_hours c, store.open_hours o
WHERE h.day = c.day AND h.hour = c.hour AND h.tenant_id = c.tenant_id
    AND o.day = c.day AND o.hour = c.hour AND o.tenant_id = c.tenant_id AND o.generation = -1;
