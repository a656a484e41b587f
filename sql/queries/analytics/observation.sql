-- SPDX-License-Identifier: Apache-2.0
--
-- One observation as it is now.
--
-- $1 tenant_id    bigint
-- $2 entity_id    bigint
-- $3 observed_at  timestamptz
-- Result          the columns of LoaderPoints::kColumns; no row when there is none
-- Caller          src/analytics/loader_source.cc
SELECT tenant_id, entity_id, observed_at, received_at, shape_id, attrs, int_values, double_values,
       decimal_values, text_values
FROM public.observations
WHERE tenant_id = $1::bigint AND entity_id = $2::bigint AND observed_at = $3::timestamptz
