-- SPDX-License-Identifier: Apache-2.0
-- Which session waits for which; the locks of the write protocol are named.
--
-- Result   waiting integer, holding integer, lock text, seconds numeric, waiting_query text,
--          holding_query text
SELECT w.pid AS waiting, h.pid AS holding,
       CASE WHEN l.locktype = 'advisory' AND l.classid = 1635019891 THEN
                CASE l.objid WHEN 1000 THEN 'partitions' WHEN 1001 THEN 'stage_flush'
                             WHEN 1002 THEN 'attribute statistics' WHEN 1003 THEN 'chosen ids'
                             ELSE 'shard ' || l.objid END
            ELSE concat_ws(' ', l.locktype, l.mode, l.relation::regclass::text) END AS lock,
       round(extract(epoch FROM clock_timestamp() - w.state_change), 1) AS seconds,
       left(w.query, 100) AS waiting_query, left(h.query, 100) AS holding_query
FROM pg_stat_activity w
CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) b (pid)
JOIN pg_stat_activity h ON h.pid = b.pid
LEFT JOIN pg_locks l ON l.pid = w.pid AND NOT l.granted
ORDER BY seconds DESC;
