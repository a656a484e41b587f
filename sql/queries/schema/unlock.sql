-- SPDX-License-Identifier: Apache-2.0
--
-- Lets the next program change this database's schema.
--
-- Role    owner
-- Result  one row, to be ignored
-- Caller  src/schema/migrator.cc
SELECT pg_advisory_unlock(1635019891, 1000)
