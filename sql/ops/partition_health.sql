-- SPDX-License-Identifier: Apache-2.0
-- Partitions of the history, newest first: size, rows, dead rows, share of all-visible pages.
--
-- Result   partition name, first_day date, rows_estimated bigint, dead_rows bigint, table_bytes
--          bigint, index_bytes bigint, all_visible_percent numeric, last_vacuum timestamptz
SELECT p.partition, p.first_day, greatest(c.reltuples, 0)::bigint AS rows_estimated,
       s.n_dead_tup AS dead_rows, pg_table_size(c.oid) AS table_bytes,
       pg_indexes_size(c.oid) AS index_bytes,
       round(100.0 * c.relallvisible / greatest(c.relpages, 1), 1) AS all_visible_percent,
       greatest(s.last_vacuum, s.last_autovacuum) AS last_vacuum
FROM public.atlas_partitions() p
JOIN pg_class c ON c.oid = format('public.%I', p.partition)::regclass
LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
ORDER BY p.first_day DESC
LIMIT 60;
