-- SPDX-License-Identifier: Apache-2.0
-- One entity by its external id, retired or not, with its last observation on one day and the
-- position of the read (see position.sql). One statement costs less than three. The day's bounds
-- are literals and the statement is prepared once a day, so its plan names one partition for the
-- life of the session. An entity without a row of state has no values until it is restored.
-- The entity is a range of one and part of the order, so that the plan goes through the key: made
-- while the day's partition is empty it would choose between two indexes at random.
--
-- $1 tenant_id    bigint
-- $2 external_id  text
-- :from, :to  the day's bounds, timestamptz literals
-- Result      at most one row, in the binary format
-- Caller      src/primary/entity_get.cc
SELECT e.entity_id, e.external_id, e.entity_type::text, e.created_at,
       coalesce(j.updated_at, e.created_at), j.last_day, coalesce(j.hot_attrs, '{}')::text,
       coalesce(j.hot_at, '{}')::text, e.is_deleted,
       (SELECT o.observed_at FROM public.observations o
        WHERE o.tenant_id = $1::bigint
          AND o.entity_id >= e.entity_id AND o.entity_id <= e.entity_id
          AND o.observed_at >= :from AND o.observed_at < :to
        ORDER BY o.entity_id DESC, o.observed_at DESC LIMIT 1),
       now(), pg_current_wal_flush_lsn(), pg_walfile_name(pg_current_wal_flush_lsn())
FROM public.entities e
LEFT JOIN public.entity_jsonb j ON j.tenant_id = $1::bigint AND j.entity_id = e.entity_id
WHERE e.tenant_id = $1::bigint AND e.external_id = $2::text
