-- SPDX-License-Identifier: Apache-2.0
--
-- The observations of a range of time, with what tells a row from its next version. One plan per
-- range, so that it opens their partitions only.
--
-- $1 from   timestamptz
-- $2 until  timestamptz, not included
-- Result    xmin xid, and the columns of LoaderPoints::kColumns
-- Caller    src/analytics/history_reader.cc
SELECT xmin, tenant_id, entity_id, observed_at, received_at, shape_id, attrs, int_values,
       double_values, decimal_values, text_values
FROM public.observations
WHERE observed_at >= $1::timestamptz AND observed_at < $2::timestamptz
