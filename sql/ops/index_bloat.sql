-- SPDX-License-Identifier: Apache-2.0
-- B-tree indexes larger than their rows explain. An estimate from the average width of the keys and
-- pages filled to 90 %: it tells 30 % from 300 %, not 30 % from 40 %.
--
-- Result   index_name text, bytes bigint, expected_bytes bigint, bloat_percent numeric
SELECT i.relname AS index_name, pg_relation_size(i.oid) AS bytes, e.expected_bytes,
       round(100.0 * (pg_relation_size(i.oid) - e.expected_bytes)
             / greatest(pg_relation_size(i.oid), 1), 1) AS bloat_percent
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_am a ON a.oid = i.relam AND a.amname = 'btree'
CROSS JOIN LATERAL (
    SELECT (greatest(i.reltuples, 0) * (12 + coalesce(sum(s.avg_width), 8 * x.indnkeyatts))
            / 0.9)::bigint + 16384 AS expected_bytes
    FROM unnest(x.indkey::smallint[]) k
    JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k
    LEFT JOIN pg_stats s ON s.schemaname = 'public' AND s.tablename = t.relname
                        AND s.attname = c.attname AND NOT s.inherited) e
WHERE t.relnamespace = 'public'::regnamespace AND pg_relation_size(i.oid) > 1048576
ORDER BY pg_relation_size(i.oid) - e.expected_bytes DESC
LIMIT 40;
