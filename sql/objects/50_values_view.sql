-- SPDX-License-Identifier: Apache-2.0
--
-- entity_values_ts: the packed history as one row per data point.
--
-- The attributes of an observation are ordered ints, doubles, decimals, texts, and the lengths of
-- the value arrays say where each group begins. So the position of an attribute gives its group and
-- its index in the group's array. The type in the tenant's catalog decides how a stored value is
-- shown: an int can be a bool, a timestamp, or a value from before its attribute widened.
-- A filter on tenant, entity and time reaches the keys of the history, because nothing below
-- computes tenant_id, entity_id or observed_at.

-- The time of Unix microseconds. Exact, because days and the remainder are added separately.
CREATE OR REPLACE FUNCTION public.atlas_time(micros bigint)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ('1970-01-01 00:00:00'::timestamp
            + (micros / 86400000000)::double precision * '1 day'::interval
            + (micros % 86400000000)::double precision * '1 microsecond'::interval)
           AT TIME ZONE 'UTC';
END;

-- The same as text: RFC 3339, UTC, microseconds.
CREATE OR REPLACE FUNCTION public.atlas_time_text(micros bigint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT to_char(public.atlas_time(micros) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
END;

CREATE OR REPLACE FUNCTION public.atlas_micros(instant timestamptz)
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (extract(epoch FROM instant) * 1000000)::bigint;
END;

-- Stored JSON text as jsonb; NULL for valid JSON that jsonb cannot represent: U+0000, unpaired
-- surrogates, numbers with four-digit exponents. (A function that catches the error could not run
-- in parallel plans.)
CREATE OR REPLACE FUNCTION public.atlas_json(stored text)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN stored !~ '\\u[0dD]|[eE][+-]?[0-9]{4}' THEN stored::jsonb
        WHEN regexp_replace(
                 stored, '\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}', '', 'g')
             !~ '\\u(0000|[dD][89a-fA-F])'
             AND regexp_replace(stored, '"([^"\\]|\\.)*"', '', 'g') !~ '[eE][+-]?[0-9]{4}'
            THEN stored::jsonb END;
END;

CREATE OR REPLACE VIEW public.entity_values_ts AS
SELECT o.entity_id,
       o.tenant_id,
       u.attribute_id::bigint AS attribute_id,
       CASE WHEN u.pos <= g.ints THEN
                CASE ta.type WHEN 'bool' THEN (o.int_values[u.pos] <> 0)::text
                             WHEN 'timestamp' THEN public.atlas_time_text(o.int_values[u.pos])
                             ELSE o.int_values[u.pos]::text END
            WHEN u.pos <= g.doubles THEN o.double_values[u.pos - g.ints]::text
            WHEN u.pos <= g.decimals THEN o.decimal_values[u.pos - g.doubles]::text
            ELSE o.text_values[u.pos - g.decimals] END AS value,
       CASE WHEN u.pos <= g.ints AND coalesce(ta.type, 'int') = 'int'
            THEN o.int_values[u.pos] END AS value_int,
       CASE WHEN u.pos <= g.ints THEN
                CASE WHEN coalesce(ta.type, 'int') IN ('int', 'double', 'decimal')
                     THEN o.int_values[u.pos]::numeric END
            -- Through text: a cast from double to numeric keeps only 15 digits.
            WHEN u.pos <= g.doubles THEN o.double_values[u.pos - g.ints]::text::numeric
            WHEN u.pos <= g.decimals THEN o.decimal_values[u.pos - g.doubles]
            END AS value_decimal,
       CASE WHEN u.pos <= g.ints AND ta.type = 'bool'
            THEN o.int_values[u.pos] <> 0 END AS value_bool,
       CASE WHEN u.pos <= g.ints AND ta.type = 'timestamp'
            THEN public.atlas_time(o.int_values[u.pos]) END AS value_timestamp,
       o.observed_at AS ingested_at,
       CASE WHEN u.pos <= g.ints THEN
                CASE WHEN ta.type = 'double' THEN o.int_values[u.pos]::float8 END
            WHEN u.pos <= g.doubles THEN o.double_values[u.pos - g.ints] END AS value_double,
       CASE WHEN u.pos > g.decimals AND ta.type = 'json'
            THEN public.atlas_json(o.text_values[u.pos - g.decimals]) END AS value_json,
       o.observed_at,
       o.received_at
FROM public.observations o
LEFT JOIN public.shapes s ON s.shape_id = o.shape_id
CROSS JOIN LATERAL (
    SELECT cardinality(coalesce(o.int_values, '{}')) AS ints,
           cardinality(coalesce(o.int_values, '{}'))
               + cardinality(coalesce(o.double_values, '{}')) AS doubles,
           cardinality(coalesce(o.int_values, '{}'))
               + cardinality(coalesce(o.double_values, '{}'))
               + cardinality(coalesce(o.decimal_values, '{}')) AS decimals) g
CROSS JOIN LATERAL unnest(coalesce(o.attrs, s.attrs))
    WITH ORDINALITY AS u (attribute_id, pos)
LEFT JOIN public.tenant_attributes ta
    ON ta.tenant_id = o.tenant_id AND ta.attribute_id = u.attribute_id;
