-- SPDX-License-Identifier: Apache-2.0
--
-- One shape.
--
-- $1 shape_id  integer
-- Result       attrs integer[]; no row when there is none
-- Caller       src/analytics/loader_source.cc
SELECT attrs FROM public.shapes WHERE shape_id = $1::integer
