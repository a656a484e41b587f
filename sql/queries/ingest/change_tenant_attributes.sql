-- SPDX-License-Identifier: Apache-2.0
-- Records what telemetry changes in known attributes, under the lock of the tenant's row: the first
-- use of a declared one, an int that becomes double, a value for what only tags had written. Needs
-- no shard locks: stored ints stay in place and are cast when read.
--
-- $1 tenant     bigint
-- $2 in_use     bigint[]  attribute ids
-- $3 widen      bigint[]
-- $4 no_tags    bigint[]
-- Caller        src/ingest/resolve/catalog_writer.cc
WITH changed AS (
    UPDATE public.tenant_attributes t
    SET in_use = true,
        from_tags = t.from_tags AND NOT t.attribute_id = ANY ($4::bigint[]),
        type = CASE WHEN t.attribute_id = ANY ($3::bigint[]) AND t.type = 'int' AND NOT t.declared
                    THEN 'double' ELSE t.type END
    WHERE t.tenant_id = $1 AND t.attribute_id = ANY ($2::bigint[] || $3::bigint[] || $4::bigint[])
      AND t.state = 'current'
    RETURNING 1
)
UPDATE public.tenants SET catalog_epoch = catalog_epoch + 1
WHERE tenant_id = $1 AND EXISTS (SELECT 1 FROM changed)
