-- SPDX-License-Identifier: Apache-2.0
-- Dead rows and the share of heap-only (HOT) updates, summed over partitions.
--
-- Result   table_name text, live_rows bigint, dead_rows bigint, dead_percent numeric, updates
--          bigint, hot_update_percent numeric, bytes bigint, last_autovacuum timestamptz
SELECT coalesce(r.relname, t.relname) AS table_name,
       sum(s.n_live_tup) AS live_rows, sum(s.n_dead_tup) AS dead_rows,
       round(100.0 * sum(s.n_dead_tup) / greatest(sum(s.n_live_tup + s.n_dead_tup), 1), 1)
           AS dead_percent,
       sum(s.n_tup_upd) AS updates,
       round(100.0 * sum(s.n_tup_hot_upd) / greatest(sum(s.n_tup_upd), 1), 1)
           AS hot_update_percent,
       sum(pg_total_relation_size(t.oid)) AS bytes, max(s.last_autovacuum) AS last_autovacuum
FROM pg_stat_user_tables s
JOIN pg_class t ON t.oid = s.relid
LEFT JOIN pg_inherits i ON i.inhrelid = t.oid AND t.relispartition
LEFT JOIN pg_class r ON r.oid = i.inhparent
WHERE s.schemaname = 'public'
GROUP BY 1
ORDER BY bytes DESC;
