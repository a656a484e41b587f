-- SPDX-License-Identifier: Apache-2.0
--
-- Closed days that are not counted yet, or were written to since; one row per partition, newest
-- first.
--
-- Result  days text: an array of dates
-- Caller  src/jobs/standard_jobs.cc
SELECT u.days::text FROM public.atlas_uncounted_days() AS u
