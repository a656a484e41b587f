-- SPDX-License-Identifier: Apache-2.0
-- Shapes in use, their limit, and how many attributes they have.
--
-- Result   one row: shapes bigint, bound integer, widest integer, mean_width numeric
SELECT count(*) AS shapes, 100000 AS bound, max(cardinality(attrs)) AS widest,
       round(avg(cardinality(attrs)), 1) AS mean_width
FROM public.shapes;
