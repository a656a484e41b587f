-- SPDX-License-Identifier: Apache-2.0
--
-- Waits until no other program changes this database's schema, and keeps others out until
-- unlock.sql or the end of the session. One statement of a session, not of a transaction.
--
-- Role    owner
-- Result  one row, to be ignored
-- Caller  src/schema/migrator.cc
SELECT pg_advisory_lock(1635019891, 1000)
