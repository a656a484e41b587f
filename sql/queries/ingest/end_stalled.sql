-- SPDX-License-Identifier: Apache-2.0
-- Terminates sessions that hold the locks of these shards while they wait for their client in the
-- middle of a statement, such as a stopped gateway in its COPY. statement_timeout does not fire
-- there, and idle_in_transaction_session_timeout counts only between statements. Sessions of other
-- roles are not visible, so they are not terminated.
--
-- $1 shards   integer[]
-- $2 patience bigint     milliseconds since the statement began
-- Result      a row for each session that was terminated
-- Caller      src/ingest/commit/commit_transaction.cc
WITH stalled AS MATERIALIZED (
    SELECT DISTINCT a.pid
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 1635019891 AND l.objsubid = 2
      AND l.objid::bigint = ANY ($1::integer[])
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND a.pid <> pg_backend_pid() AND a.state = 'active' AND a.wait_event = 'ClientRead'
      AND a.query_start < clock_timestamp() - $2::bigint * interval '1 millisecond'
)
SELECT pid, pg_terminate_backend(pid) FROM stalled
