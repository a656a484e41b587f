-- SPDX-License-Identifier: Apache-2.0
-- The statements that took the most time since the statistics were reset. Needs the extension
-- pg_stat_statements; without it, one row says so.
--
-- Result   calls bigint, total_seconds numeric, mean_ms numeric, rows bigint, hit_percent numeric,
--          query text
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')
       AND current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%' AS known \gset
\if :known
SELECT calls, round(total_exec_time::numeric / 1000, 1) AS total_seconds,
       round(mean_exec_time::numeric, 2) AS mean_ms, rows,
       round(100.0 * shared_blks_hit / greatest(shared_blks_hit + shared_blks_read, 1), 1)
           AS hit_percent,
       left(query, 200) AS query
FROM pg_stat_statements
ORDER BY total_exec_time DESC
LIMIT 25;
\else
SELECT 0::bigint AS calls, 0::numeric AS total_seconds, 0::numeric AS mean_ms, 0::bigint AS rows,
       0::numeric AS hit_percent,
       'no pg_stat_statements: add it to shared_preload_libraries, restart, CREATE EXTENSION'
           AS query;
\endif
