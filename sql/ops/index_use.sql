-- SPDX-License-Identifier: Apache-2.0
-- How the indexes are used, summed over partitions. An index with few scans slows writes for
-- nothing.
--
-- Result   table_name text, index_name text, scans bigint, rows_read bigint, bytes bigint
SELECT coalesce(tr.relname, t.relname) AS table_name,
       coalesce(ir.relname, i.relname) AS index_name,
       sum(s.idx_scan) AS scans, sum(s.idx_tup_read) AS rows_read,
       sum(pg_relation_size(i.oid)) AS bytes
FROM pg_stat_user_indexes s
JOIN pg_class i ON i.oid = s.indexrelid
JOIN pg_class t ON t.oid = s.relid
LEFT JOIN pg_inherits ii ON ii.inhrelid = i.oid
LEFT JOIN pg_class ir ON ir.oid = ii.inhparent
LEFT JOIN pg_inherits ti ON ti.inhrelid = t.oid AND t.relispartition
LEFT JOIN pg_class tr ON tr.oid = ti.inhparent
WHERE s.schemaname = 'public'
GROUP BY 1, 2
ORDER BY bytes DESC;
