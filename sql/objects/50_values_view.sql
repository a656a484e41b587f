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

-- Values that a retype superseded are shown as their attribute's present type reads them: what does
-- not convert is not shown, nor what a newer value of the same instant replaced. Nothing is shown
-- of dropped attributes. attribute_id is the dictionary's.
CREATE OR REPLACE VIEW public.entity_values_ts AS
SELECT o.entity_id,
       o.tenant_id,
       coalesce(ta.name_id, u.attribute_id)::bigint AS attribute_id,
       CASE WHEN v.int_value IS NOT NULL THEN
                CASE v.type WHEN 'bool' THEN (v.int_value <> 0)::text
                            WHEN 'timestamp' THEN public.atlas_time_text(v.int_value)
                            ELSE v.int_value::text END
            ELSE coalesce(v.double_value::text, v.decimal_value::text, v.text_value)
            END AS value,
       CASE WHEN coalesce(v.type, 'int') = 'int' THEN v.int_value END AS value_int,
       CASE WHEN v.int_value IS NOT NULL THEN
                CASE WHEN coalesce(v.type, 'int') IN ('int', 'double', 'decimal')
                     THEN v.int_value::numeric END
            -- As atlas_double_number() has it, but without a call for each point.
            ELSE coalesce(
                CASE WHEN abs(v.double_value) >= 9007199254740992
                          AND abs(v.double_value) <= 9223372036854775808
                     THEN (v.double_value / 2)::bigint::numeric * 2
                     ELSE v.double_value::text::numeric END, v.decimal_value)
            END AS value_decimal,
       CASE WHEN v.type = 'bool' THEN v.int_value <> 0 END AS value_bool,
       CASE WHEN v.type = 'timestamp' THEN public.atlas_time(v.int_value) END AS value_timestamp,
       o.observed_at AS ingested_at,
       coalesce(v.double_value, CASE WHEN v.type = 'double' THEN v.int_value::float8 END)
           AS value_double,
       CASE WHEN v.type = 'json' THEN public.atlas_json(v.text_value) END AS value_json,
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
    ON ta.tenant_id = o.tenant_id AND ta.attribute_id = u.attribute_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN u.pos <= g.ints THEN o.int_values[u.pos] END AS int_value,
           CASE WHEN u.pos > g.ints AND u.pos <= g.doubles
                THEN o.double_values[u.pos - g.ints] END AS double_value,
           CASE WHEN u.pos > g.doubles AND u.pos <= g.decimals
                THEN o.decimal_values[u.pos - g.doubles] END AS decimal_value,
           CASE WHEN u.pos > g.decimals THEN o.text_values[u.pos - g.decimals] END
               AS text_value) r
-- An expression, which is not evaluated where it is not needed; a join would call the function for
-- every point.
CROSS JOIN LATERAL (
    SELECT CASE WHEN ta.newer IS NOT NULL THEN
               public.atlas_convert(ta.type, ta.read_as, r.int_value, r.double_value,
                                    r.decimal_value, r.text_value) END AS converted) c
CROSS JOIN LATERAL (
    SELECT coalesce(ta.read_as, ta.type) AS type,
           CASE WHEN ta.newer IS NULL THEN r.int_value ELSE (c.converted).int_value END
               AS int_value,
           CASE WHEN ta.newer IS NULL THEN r.double_value ELSE (c.converted).double_value END
               AS double_value,
           CASE WHEN ta.newer IS NULL THEN r.decimal_value ELSE (c.converted).decimal_value END
               AS decimal_value,
           CASE WHEN ta.newer IS NULL THEN r.text_value ELSE (c.converted).text_value END
               AS text_value) v
-- read_as is NULL for nearly every point, and cheaper to test than state.
WHERE ta.read_as IS NULL
   OR ta.state <> 'dropped'
      AND NOT (coalesce(o.attrs, s.attrs) && ta.newer OR (c.converted).absent);
