-- SPDX-License-Identifier: Apache-2.0
-- Locks the dictionary's flags of these names until the transaction ends. So a change of a flag
-- happens either before or after a tenant starts to follow it. This lock comes before the lock of
-- the tenant's row, which a change of a flag takes last.
--
-- $1 names   text[]
-- Caller     src/ingest/resolve/catalog_writer.cc
SELECT 1 FROM public.attributes WHERE attribute_name = ANY ($1::text[])
ORDER BY attribute_name FOR SHARE
