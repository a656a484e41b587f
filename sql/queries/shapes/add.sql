-- SPDX-License-Identifier: Apache-2.0
--
-- Registers a shape, unless it exists or no id is left.
--
-- $1 attrs   integer[]  in packed order
-- $2 limit   bigint     the highest id
-- Caller     src/storage/shapes.cc
INSERT INTO public.shapes (attrs)
SELECT $1::integer[]
WHERE (SELECT coalesce(max(shape_id), 0) FROM public.shapes) < $2
ON CONFLICT (attrs) DO NOTHING
