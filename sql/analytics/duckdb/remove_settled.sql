-- SPDX-License-Identifier: Apache-2.0
--
-- Removes the points of the observations in removed_keys. DuckDB pushes the range of the keys' days
-- and times into the scan.
--
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.settled p USING removed_keys r
WHERE p.day = r.day AND p.observed_at = r.observed_at AND p.tenant_id = r.tenant_id
    AND p.entity_id = r.entity_id;
