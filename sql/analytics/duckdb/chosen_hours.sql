-- SPDX-License-Identifier: Apache-2.0
--
-- The hours that are aggregated next: all of one day.
--
-- Caller      src/analytics/duckdb/hours.cc
CREATE OR REPLACE TEMP TABLE chosen_hours (
    tenant_id BIGINT NOT NULL, day DATE NOT NULL, hour INTEGER NOT NULL);
