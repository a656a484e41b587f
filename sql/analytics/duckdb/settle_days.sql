-- SPDX-License-Identifier: Apache-2.0
--
-- Copies the points of some days, sorted for questions about one attribute of one tenant.
--
-- $1, $2      the first and the last day, their numbers since 1970
-- Caller      src/analytics/duckdb/settling.cc
INSERT INTO store.settled
SELECT tenant_id, attribute_id, entity_id, day, observed_at,
       late, store.ms_of(received) - CASE WHEN late THEN 0 ELSE store.ms_of(observed) END,
       store.us_of(received), int_value, double_value, text_value
FROM (
    SELECT *, store.is_late(delay) AS late,
           coalesce(epoch_us(observed_at), 0) AS observed, observed + delay AS received
    FROM store.recent
    WHERE day BETWEEN DATE '1970-01-01' + CAST($1 AS INTEGER)
        AND DATE '1970-01-01' + CAST($2 AS INTEGER))
ORDER BY tenant_id, attribute_id, entity_id, observed_at;
