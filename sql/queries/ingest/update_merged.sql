-- SPDX-License-Identifier: Apache-2.0
--
-- Replaces observations by their merge with later arrivals of the same time. The caller has copied
-- the merged rows to pg_temp.merged_observations. Entity and time are written as ranges for the
-- reason given in read_existing.sql.
--
-- $1 first  timestamptz  the earliest observed_at among them: bounds the partitions
-- $2 last   timestamptz  the latest
-- Caller    src/ingest/commit/commit_transaction.cc
UPDATE public.observations o
SET received_at = m.received_at, shape_id = m.shape_id, attrs = m.attrs,
    int_values = m.int_values, double_values = m.double_values,
    decimal_values = m.decimal_values, text_values = m.text_values
FROM pg_temp.merged_observations m
WHERE o.tenant_id = m.tenant_id AND o.entity_id = m.entity_id
  AND o.entity_id >= m.entity_id AND o.entity_id <= m.entity_id
  AND o.observed_at >= m.observed_at AND o.observed_at <= m.observed_at
  AND o.observed_at >= $1::timestamptz AND o.observed_at <= $2::timestamptz
