-- SPDX-License-Identifier: Apache-2.0
--
-- The observations of a range of time. One plan per range, so that it opens their partitions only.
--
-- $1 from   timestamptz
-- $2 until  timestamptz, not included
-- Result    the columns of LoaderPoints::kColumns
-- Caller    src/analytics/initial_copy.cc, src/analytics/loader_source.cc
SELECT tenant_id, entity_id, observed_at, received_at, shape_id, attrs, int_values, double_values,
       decimal_values, text_values
FROM public.observations
WHERE observed_at >= $1::timestamptz AND observed_at < $2::timestamptz
