-- SPDX-License-Identifier: Apache-2.0
--
-- The migrations that the database has, in order.
--
-- Result  version integer, checksum text, applied_at text (RFC 3339, UTC)
-- Caller  src/schema/migrator.cc
SELECT version, checksum,
       to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM public.schema_migrations
ORDER BY version
