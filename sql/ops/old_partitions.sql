-- SPDX-License-Identifier: Apache-2.0
-- What a retention would drop, with the statements that drop it. Run them one by one, outside a
-- transaction.
--
-- :retain  interval  default 12 months; psql -v retain='30 days'
-- Result   partition name, bytes bigint, detach_sql text, drop_sql text
\if :{?retain}
\else
\set retain '12 months'
\endif
SELECT o.partition, pg_total_relation_size(format('public.%I', o.partition)::regclass) AS bytes,
       o.detach_sql, o.drop_sql
FROM public.atlas_old_partitions(:'retain'::interval) o
ORDER BY o.partition;
