-- SPDX-License-Identifier: Apache-2.0
--
-- Brings the view over attribute_stats up to date; readers are not blocked.
--
-- Role    owner
-- Caller  src/jobs/standard_jobs.cc
REFRESH MATERIALIZED VIEW CONCURRENTLY public.mv_entity_attribute_stats
