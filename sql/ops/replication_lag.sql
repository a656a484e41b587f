-- SPDX-License-Identifier: Apache-2.0
-- How far replicas and slots are behind: a warning above 3 s, critical above 10 s.
--
-- Result   name text, kind text, state text, lag_bytes bigint, lag_seconds numeric (NULL: unknown)
SELECT name, kind, state, lag_bytes, lag_seconds
FROM public.check_replication_lag()
ORDER BY lag_bytes DESC NULLS LAST;
