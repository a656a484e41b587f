-- SPDX-License-Identifier: Apache-2.0
--
-- Of the chosen hours, those whose aggregates hold fewer than so many points each stay open: an
-- aggregate takes as much room as three points.
--
-- $1          points
-- Caller      src/analytics/duckdb/hours.cc
INSERT INTO store.open_hours
SELECT h.tenant_id, h.day, h.hour, -1
FROM store.hourly h
SEMI JOIN chosen_hours c ON h.day = c.day AND h.hour = c.hour AND h.tenant_id = c.tenant_id
GROUP BY ALL
HAVING sum(h.count) < $1 * count(*);
