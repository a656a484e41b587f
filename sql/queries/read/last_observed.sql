-- SPDX-License-Identifier: Apache-2.0
-- When an entity was observed last on one day. The day's bounds are written into the text (in place
-- of :from and :to) and the statement is prepared per day: its plan then names one partition, for
-- as long as the session lives.
--
-- $1 tenant_id    bigint
-- $2 external_id  text
-- :from, :to  the day's bounds, literals of timestamptz
-- Result      no row or one: observed_at timestamptz
-- Caller      src/query/entity_get.cc
SELECT o.observed_at
FROM public.observations o
WHERE o.tenant_id = $1::bigint
  AND o.entity_id = (SELECT e.entity_id FROM public.entities e
                     WHERE e.tenant_id = $1::bigint AND e.external_id = $2::text)
  AND o.observed_at >= :from AND o.observed_at < :to
ORDER BY o.observed_at DESC LIMIT 1
