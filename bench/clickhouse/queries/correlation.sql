-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/correlation.sql in ClickHouse's SQL, of one tenant.
SELECT entity, count() AS hours, round(corr(one, two), 6) AS correlation
FROM (
    SELECT entity_id, any(external_id) AS entity,
           avgIf(number, attribute_name = $attribute) AS one,
           avgIf(number, attribute_name = $other) AS two,
           countIf(attribute_name = $attribute) AS ones,
           countIf(attribute_name = $other) AS twos
    FROM fact_telemetry
    WHERE tenant_id = $tenant AND attribute_name IN ($attribute, $other) AND kind = 'number'
        AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
        AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC')
    GROUP BY entity_id, toStartOfHour(ingested_at))
WHERE ones > 0 AND twos > 0
GROUP BY entity_id, entity
HAVING count() >= $hours
ORDER BY abs(corr(one, two)) DESC NULLS LAST, entity
