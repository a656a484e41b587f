-- SPDX-License-Identifier: Apache-2.0
-- Gaps of more than 15 s in the heartbeat (every 5 s) during the last day.
--
-- Result   source varchar, before timestamptz, after timestamptz, gap_seconds numeric
SELECT source, before, "timestamp" AS after,
       round(extract(epoch FROM "timestamp" - before), 1) AS gap_seconds
FROM (SELECT source, "timestamp",
             lag("timestamp") OVER (PARTITION BY source ORDER BY "timestamp") AS before
      FROM public.replication_heartbeat) h
WHERE "timestamp" - before > interval '15 seconds'
ORDER BY after DESC;
