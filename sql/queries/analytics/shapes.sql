-- SPDX-License-Identifier: Apache-2.0
--
-- All shapes.
--
-- Result   shape_id integer, attrs integer[]
-- Caller   src/analytics/loader_source.cc
SELECT shape_id, attrs FROM public.shapes
