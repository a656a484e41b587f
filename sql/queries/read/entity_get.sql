-- SPDX-License-Identifier: Apache-2.0
-- One entity by its external id, retired ones included, with its last observation on one day,
-- and up to where the answer reaches (see position.sql): in one statement, as that costs less than
-- three. The day's bounds are written into the text and the statement is prepared per day: its
-- plan then names one partition, for as long as the session lives.
--
-- $1 tenant_id    bigint
-- $2 external_id  text
-- :from, :to  the day's bounds, literals of timestamptz
-- Result      no row or one, in the binary format
-- Caller      src/query/entity_get.cc
SELECT e.entity_id, e.external_id, e.entity_type::text, e.created_at, j.updated_at, j.last_day,
       j.hot_attrs::text, j.hot_at::text, e.is_deleted,
       (SELECT o.observed_at FROM public.observations o
        WHERE o.tenant_id = $1::bigint AND o.entity_id = e.entity_id
          AND o.observed_at >= :from AND o.observed_at < :to
        ORDER BY o.observed_at DESC LIMIT 1),
       now(), pg_current_wal_flush_lsn()
FROM public.entities e
JOIN public.entity_jsonb j ON j.tenant_id = $1::bigint AND j.entity_id = e.entity_id
WHERE e.tenant_id = $1::bigint AND e.external_id = $2::text
