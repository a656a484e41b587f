-- SPDX-License-Identifier: Apache-2.0
-- The largest tenants by data points of the counted days, with their share of the total.
--
-- Result   tenant_id bigint, tenant_name varchar, data_points numeric, share numeric (percent),
--          attributes bigint
SELECT t.tenant_id, t.tenant_name, sum(s.total_values) AS data_points,
       round(100 * sum(s.total_values) / nullif(sum(sum(s.total_values)) OVER (), 0), 1) AS share,
       count(DISTINCT s.attribute_id) AS attributes
FROM public.attribute_stats s
JOIN public.tenants t USING (tenant_id)
GROUP BY 1, 2
ORDER BY 3 DESC
LIMIT 25;
