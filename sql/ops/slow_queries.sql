-- SPDX-License-Identifier: Apache-2.0
-- Statements that have been running for more than a second.
--
-- Result   pid integer, application_name text, state text, seconds numeric, waits_for text,
--          query text (the first 200 characters)
SELECT pid, application_name, state, round(extract(epoch FROM now() - query_start), 1) AS seconds,
       concat_ws(' ', wait_event_type, wait_event) AS waits_for, left(query, 200) AS query
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()
  AND query_start < now() - interval '1 second'
ORDER BY query_start;
