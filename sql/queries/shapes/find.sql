-- SPDX-License-Identifier: Apache-2.0
--
-- The id of a shape.
--
-- $1 attrs   integer[]  in packed order
-- Result     shape_id integer; no row when it has none
-- Caller     src/storage/shapes.cc
SELECT shape_id FROM public.shapes WHERE attrs = $1::integer[]
