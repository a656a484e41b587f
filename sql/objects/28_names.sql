-- SPDX-License-Identifier: Apache-2.0
--
-- Whether the API accepts a name of up to so many bytes (ingest/request/limits.h, model/tenant.h).
CREATE OR REPLACE FUNCTION public.atlas_is_name(name text, most integer)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT octet_length(name) BETWEEN 1 AND most AND name !~ '[\x01-\x1f\x7f]';
END;
