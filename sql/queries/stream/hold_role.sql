-- SPDX-License-Identifier: Apache-2.0
--
-- Whether this session is the one of its database that reads for a durable role; becomes it where
-- none is. Locks of a session add up, so the lock is taken only once.
--
-- $1 role  text
-- Result   one row: boolean
-- Caller   src/stream/slot_lease.cc
SELECT CASE
    WHEN EXISTS (SELECT FROM pg_locks
                 WHERE locktype = 'advisory' AND classid = 1635019892 AND objid::bigint = k.key
                   AND pid = pg_backend_pid() AND granted)
    THEN true
    ELSE pg_try_advisory_lock(1635019892, k.key)
END
FROM (SELECT hashtext('stream ' || $1) & 2147483647 AS key) k
