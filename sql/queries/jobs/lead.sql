-- SPDX-License-Identifier: Apache-2.0
--
-- Whether this session leads the jobs of its database; takes the lead where it is free. Locks of a
-- session add up, so the lock is taken only once.
--
-- Result  one row: boolean
-- Caller  src/jobs/leadership.cc
SELECT CASE
    WHEN EXISTS (SELECT FROM pg_locks
                 WHERE locktype = 'advisory' AND classid = 1635019891 AND objid = 1010
                   AND pid = pg_backend_pid() AND granted)
    THEN true
    ELSE pg_try_advisory_lock(1635019891, 1010)
END
