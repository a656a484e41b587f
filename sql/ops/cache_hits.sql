-- SPDX-License-Identifier: Apache-2.0
-- The share of reads from shared memory, summed over partitions; below 95 % the working set does
-- not fit.
--
-- Result   table_name text, blocks_hit bigint, blocks_read bigint, hit_percent numeric
SELECT coalesce(r.relname, t.relname) AS table_name,
       sum(s.heap_blks_hit + s.idx_blks_hit) AS blocks_hit,
       sum(s.heap_blks_read + s.idx_blks_read) AS blocks_read,
       round(100.0 * sum(s.heap_blks_hit + s.idx_blks_hit) / greatest(1, sum(
           s.heap_blks_hit + s.idx_blks_hit + s.heap_blks_read + s.idx_blks_read)), 1)
           AS hit_percent
FROM pg_statio_user_tables s
JOIN pg_class t ON t.oid = s.relid
LEFT JOIN pg_inherits i ON i.inhrelid = t.oid AND t.relispartition
LEFT JOIN pg_class r ON r.oid = i.inhparent
WHERE s.schemaname = 'public'
GROUP BY 1
ORDER BY 3 DESC NULLS LAST;
