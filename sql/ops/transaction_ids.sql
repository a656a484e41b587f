-- SPDX-License-Identifier: Apache-2.0
-- The age of the oldest unfrozen transaction id of each table. Autovacuum is forced at 200,000,000;
-- the server stops at 2,100,000,000.
--
-- Result   table_name text, age integer, percent_of_limit numeric, bytes bigint
SELECT c.oid::regclass::text AS table_name, age(c.relfrozenxid) AS age,
       round(100.0 * age(c.relfrozenxid) / 2100000000, 2) AS percent_of_limit,
       pg_total_relation_size(c.oid) AS bytes
FROM pg_class c
WHERE c.relkind IN ('r', 'm', 't') AND c.relfrozenxid <> '0'
ORDER BY age(c.relfrozenxid) DESC
LIMIT 20;
