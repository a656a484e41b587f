-- SPDX-License-Identifier: Apache-2.0
--
-- Removes the points of the observations in removed_keys.
--
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.sparse p USING removed_keys r
WHERE p.observed_ms = store.ms_of(epoch_us(r.observed_at))
    AND p.observed_us = store.us_of(epoch_us(r.observed_at))
    AND p.tenant_id = r.tenant_id AND p.entity_id = r.entity_id;
