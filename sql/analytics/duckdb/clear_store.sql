-- SPDX-License-Identifier: Apache-2.0
--
-- Everything but the points: small tables, notes, position.
--
-- Caller      src/analytics/duckdb/writer.cc
DELETE FROM store.tenants;
DELETE FROM store.attributes;
DELETE FROM store.tenant_attributes;
DELETE FROM store.entities;
DELETE FROM store.entity_jsonb;
DELETE FROM store.notes;
UPDATE store.position SET batch = batch + 1, timeline = NULL, lsn = NULL, committed_at = NULL;
