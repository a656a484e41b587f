-- SPDX-License-Identifier: Apache-2.0
-- How the combinations of attributes are stored: shapes in use against their bound, and the share
-- of rows in the newest closed partition that write their attributes out.
--
-- Result   one row: shapes bigint, bound integer, widest integer, mean_width numeric
SELECT count(*) AS shapes, 100000 AS bound, max(cardinality(attrs)) AS widest,
       round(avg(cardinality(attrs)), 1) AS mean_width
FROM public.shapes;
