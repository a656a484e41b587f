-- SPDX-License-Identifier: Apache-2.0
-- Why staged rows were rejected during the last day.
--
-- Result   reason text, rows bigint, tenants bigint, last_seen timestamptz, example text
SELECT split_part(reason, ':', 1) AS reason, count(*) AS rows,
       count(DISTINCT tenant_id) AS tenants, max(rejected_at) AS last_seen,
       max(format('tenant %s entity %s attribute %s at %s', tenant_id, entity_id, attribute_id,
                  ingested_at)) AS example
FROM public.entity_values_rejected
WHERE rejected_at > now() - interval '1 day'
GROUP BY 1
ORDER BY 2 DESC;
