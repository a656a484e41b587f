-- SPDX-License-Identifier: Apache-2.0
--
-- Whether rows of SQL clients wait in staging. Reads at most one.
--
-- Result  one row: boolean
-- Caller  src/jobs/standard_jobs.cc
SELECT EXISTS (SELECT FROM public.entity_values_ingest)
