-- SPDX-License-Identifier: Apache-2.0
--
-- Result      rows: tenant_id, hour, generation
-- Caller      src/analytics/duckdb/writer.cc
SELECT tenant_id, hour, generation FROM store.open_hours;
