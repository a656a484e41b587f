-- SPDX-License-Identifier: Apache-2.0
--
-- Gives the lock of begin_reconcile.sql back.
--
-- Result  one row, to be ignored
-- Caller  src/jobs/reconcile.cc
SELECT pg_advisory_unlock(1635019891, 1011)
