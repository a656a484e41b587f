-- SPDX-License-Identifier: Apache-2.0
--
-- Which functions and views the database has; no row before the first time.
--
-- Result  checksum text, program text (the version that wrote them)
-- Caller  src/schema/migrator.cc
SELECT checksum, program FROM public.schema_objects
