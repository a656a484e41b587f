-- SPDX-License-Identifier: Apache-2.0
-- Keeps the dictionary's flags of these names as they are until the transaction ends, so that a
-- flip meets a tenant that is about to follow them either before or after. It comes before the
-- lock of the tenant's row, which a flip takes last.
--
-- $1 names   text[]
-- Caller     src/ingest/resolve/catalog_writer.cc
SELECT 1 FROM public.attributes WHERE attribute_name = ANY ($1::text[])
ORDER BY attribute_name FOR SHARE
