-- SPDX-License-Identifier: Apache-2.0
--
-- The relations of the named queries, as users of ClickHouse lay them out: wide, words in
-- LowCardinality, no NULL, sorted for questions about an attribute of a tenant; the statistics of
-- days are stored.
--
-- $folder     with the Parquet files
-- Caller      bench/clickhouse/ask
SET date_time_output_format = 'iso', output_format_json_quote_64bit_integers = 0,
    join_use_nulls = 1, max_threads = 2, max_insert_threads = 2, session_timezone = 'UTC';
CREATE DATABASE IF NOT EXISTS bench;
USE bench;
CREATE TABLE dim_tenants ENGINE = MergeTree ORDER BY tenant_id AS
    SELECT assumeNotNull(tenant_id) AS tenant_id, assumeNotNull(tenant_name) AS tenant_name
    FROM file(concat($folder, '/tenants.parquet'), Parquet);
CREATE TABLE dim_attributes ENGINE = MergeTree ORDER BY (tenant_id, attribute_id) AS
    SELECT assumeNotNull(tenant_id) AS tenant_id, assumeNotNull(attribute_id) AS attribute_id,
           assumeNotNull(attribute_name) AS attribute_name, assumeNotNull(type) AS type,
           assumeNotNull(attribute_category) AS attribute_category
    FROM file(concat($folder, '/attributes.parquet'), Parquet);
CREATE TABLE dim_entities ENGINE = MergeTree ORDER BY (tenant_id, entity_id) AS
    SELECT assumeNotNull(tenant_id) AS tenant_id, assumeNotNull(entity_id) AS entity_id,
           assumeNotNull(external_id) AS external_id, assumeNotNull(entity_type) AS entity_type,
           assumeNotNull(created_at) AS created_at, assumeNotNull(is_deleted) AS is_deleted
    FROM file(concat($folder, '/entities.parquet'), Parquet);
CREATE TABLE fact_telemetry (
    tenant_id Int64,
    attribute_name LowCardinality(String),
    attribute_id Int32,
    attribute_category LowCardinality(String),
    entity_id Int64,
    external_id LowCardinality(String),
    entity_type LowCardinality(String),
    ingested_at DateTime64(6, 'UTC'),
    received_at DateTime64(6, 'UTC'),
    kind Enum8('none' = 0, 'number' = 1, 'text' = 2),
    number Float64,
    text LowCardinality(String),
    value String ALIAS if(kind = 'text', text, toString(number)))
ENGINE = MergeTree ORDER BY (tenant_id, attribute_name, entity_id, ingested_at);
INSERT INTO fact_telemetry
    SELECT p.tenant_id, a.attribute_name, p.attribute_id, a.attribute_category, p.entity_id,
           e.external_id, e.entity_type, p.observed_at, p.received_at,
           multiIf(p.number IS NOT NULL, 'number', p.text IS NOT NULL, 'text', 'none'),
           ifNull(p.number, 0), ifNull(p.text, '')
    FROM file(concat($folder, '/points.parquet'), Parquet) p
    JOIN dim_attributes a ON a.tenant_id = p.tenant_id AND a.attribute_id = p.attribute_id
    JOIN dim_entities e ON e.tenant_id = p.tenant_id AND e.entity_id = p.entity_id;
OPTIMIZE TABLE fact_telemetry FINAL;
CREATE TABLE agg_daily_entity_stats ENGINE = MergeTree
    ORDER BY (tenant_id, attribute_name, stat_date, entity_id) AS
    SELECT tenant_id, attribute_name, any(attribute_id) AS attribute_id,
           any(attribute_category) AS attribute_category, entity_id,
           toDate(ingested_at) AS stat_date, toInt64(count()) AS value_count,
           sum(number) AS sum_value, min(number) AS min_value, max(number) AS max_value,
           min(ingested_at) AS first_at, max(ingested_at) AS last_at
    FROM fact_telemetry WHERE kind <> 'none'
    GROUP BY tenant_id, attribute_name, entity_id, stat_date;
OPTIMIZE TABLE agg_daily_entity_stats FINAL
