-- SPDX-License-Identifier: Apache-2.0
--
-- Copies the points of many days that have few each, in the order of settle_days.sql.
--
-- $1, $2      the first and the last day, their numbers since 1970
-- Caller      src/analytics/duckdb/settling.cc
INSERT INTO store.sparse
SELECT tenant_id, attribute_id, entity_id, store.ms_of(observed), store.us_of(observed),
       late, store.ms_of(received) - CASE WHEN late THEN 0 ELSE store.ms_of(observed) END,
       store.us_of(received), int_value, double_value, text_value
FROM (
    SELECT *, store.is_late(delay) AS late,
           epoch_us(observed_at) AS observed, observed + delay AS received
    FROM store.recent
    WHERE day BETWEEN DATE '1970-01-01' + CAST($1 AS INTEGER)
        AND DATE '1970-01-01' + CAST($2 AS INTEGER))
ORDER BY tenant_id, attribute_id, entity_id, observed;
