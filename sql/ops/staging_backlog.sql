-- SPDX-License-Identifier: Apache-2.0
-- Rows that wait for stage_flush(). More than 1,000,000 raise the alert.
--
-- Result   one row: staged_rows bigint, is_exact boolean (false: an estimate, above 100,000),
--          bytes bigint, oldest timestamptz (the earliest time among the first rows)
SELECT b.staged_rows, b.is_exact, b.bytes,
       (SELECT min(ingested_at) FROM (SELECT ingested_at FROM public.entity_values_ingest
                                      LIMIT 1000) s) AS oldest
FROM public.atlas_staging_backlog() b;
