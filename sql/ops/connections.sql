-- SPDX-License-Identifier: Apache-2.0
-- Connections by program and state, and their share of the server's limit.
--
-- Result   application_name text, state text, connections bigint, oldest_transaction_seconds
--          numeric, percent_of_limit numeric
SELECT application_name, coalesce(state, backend_type) AS state, count(*) AS connections,
       round(extract(epoch FROM max(now() - xact_start)), 1) AS oldest_transaction_seconds,
       round(100.0 * count(*) / current_setting('max_connections')::integer, 1)
           AS percent_of_limit
FROM pg_stat_activity
WHERE backend_type = 'client backend'
GROUP BY 1, 2
ORDER BY 3 DESC;
