-- SPDX-License-Identifier: Apache-2.0
--
-- Copies the points of some days, sorted for questions about one attribute of one tenant.
--
-- $1, $2      the first and the last day, their numbers since 1970
-- Caller      src/analytics/duckdb/settling.cc
INSERT INTO store.settled
SELECT * FROM store.recent
WHERE day BETWEEN DATE '1970-01-01' + CAST($1 AS INTEGER)
    AND DATE '1970-01-01' + CAST($2 AS INTEGER)
ORDER BY tenant_id, attribute_id, entity_id, observed_at;
