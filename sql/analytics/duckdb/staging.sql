-- SPDX-License-Identifier: Apache-2.0
--
-- Temporary tables of the writer's connection: what a batch hands to statements. Emptied in the
-- transaction that fills them.
--
-- Caller      src/analytics/duckdb/store_file.cc
CREATE OR REPLACE TEMP TABLE removed_keys (
    tenant_id BIGINT NOT NULL, entity_id BIGINT NOT NULL, day DATE NOT NULL,
    observed_at TIMESTAMPTZ NOT NULL);
CREATE OR REPLACE TEMP TABLE dimension_rows (
    removed BOOLEAN NOT NULL,
    c0 VARCHAR, c1 VARCHAR, c2 VARCHAR, c3 VARCHAR, c4 VARCHAR, c5 VARCHAR, c6 VARCHAR,
    c7 VARCHAR, c8 VARCHAR, c9 VARCHAR, c10 VARCHAR, c11 VARCHAR, c12 VARCHAR);
