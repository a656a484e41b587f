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

-- Few tenants have attributes whose values moved: to another name, another type, or nowhere, when
-- the attribute was dropped. These two functions are called for such values alone; `moved` are the
-- tenant's rows of the catalog that say so.

-- The attributes of an observation, with those that moved as negative numbers. What is not shown is
-- NULL: attributes that were dropped, and what a newer value of the same instant replaced.
CREATE OR REPLACE FUNCTION public.atlas_mark_moved(
    moved public.tenant_attributes[], attrs integer[])
RETURNS integer[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a public.tenant_attributes;
    marked integer[] := attrs;
BEGIN
    FOREACH a IN ARRAY moved LOOP
        marked := array_replace(marked, a.attribute_id::integer,
            CASE WHEN a.state = 'dropped' OR a.newer && attrs THEN NULL
                 ELSE -a.attribute_id::integer END);
    END LOOP;
    RETURN marked;
END $$;

-- The value at a position of an observation as its attribute's present type reads it.
CREATE OR REPLACE FUNCTION public.atlas_moved_value(
    moved public.tenant_attributes[], attribute integer, pos bigint, int_values bigint[],
    double_values float8[], decimal_values numeric[], text_values text[])
RETURNS public.atlas_value LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ints CONSTANT bigint := coalesce(cardinality(int_values), 0);
    doubles CONSTANT bigint := ints + coalesce(cardinality(double_values), 0);
    decimals CONSTANT bigint := doubles + coalesce(cardinality(decimal_values), 0);
    a public.tenant_attributes;
BEGIN
    FOREACH a IN ARRAY moved LOOP
        IF a.attribute_id = attribute THEN
            RETURN public.atlas_convert(
                a.type, coalesce(a.read_as, a.type), int_values[pos],
                CASE WHEN pos > ints THEN double_values[pos - ints] END,
                CASE WHEN pos > doubles THEN decimal_values[pos - doubles] END,
                CASE WHEN pos > decimals THEN text_values[pos - decimals] END);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- A value that does not convert is not shown. attribute_id is the dictionary's. The catalog is
-- joined for the types alone, so the planner leaves it out of statements that need none; `m` is
-- joined before the observation is unnested, because the argument of unnest() needs it.
CREATE OR REPLACE VIEW public.entity_values_ts AS
SELECT o.entity_id,
       o.tenant_id,
       CASE WHEN u.attribute_id > 0 THEN u.attribute_id
            ELSE m.names[array_position(m.attrs, -u.attribute_id)] END::bigint AS attribute_id,
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
-- The condition is that of the index tenant_attributes_moved.
LEFT JOIN (SELECT tenant_id, array_agg(t) AS moved, array_agg(attribute_id::integer) AS attrs,
                  array_agg(name_id::integer) AS names,
                  array_agg(coalesce(read_as, type)) AS types
           FROM public.tenant_attributes t
           WHERE read_as IS NOT NULL OR name_id <> attribute_id
           GROUP BY tenant_id) m ON m.tenant_id = o.tenant_id
CROSS JOIN LATERAL (
    SELECT cardinality(coalesce(o.int_values, '{}')) AS ints,
           cardinality(coalesce(o.int_values, '{}'))
               + cardinality(coalesce(o.double_values, '{}')) AS doubles,
           cardinality(coalesce(o.int_values, '{}'))
               + cardinality(coalesce(o.double_values, '{}'))
               + cardinality(coalesce(o.decimal_values, '{}')) AS decimals) g
CROSS JOIN LATERAL unnest(
    CASE WHEN m.attrs IS NULL OR NOT m.attrs && coalesce(o.attrs, s.attrs)
         THEN coalesce(o.attrs, s.attrs)
         ELSE public.atlas_mark_moved(m.moved, coalesce(o.attrs, s.attrs)) END)
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
    SELECT CASE WHEN u.attribute_id < 0 THEN
               public.atlas_moved_value(m.moved, -u.attribute_id, u.pos, o.int_values,
                                        o.double_values, o.decimal_values, o.text_values)
               END AS value) c
CROSS JOIN LATERAL (
    SELECT CASE WHEN u.attribute_id > 0 THEN ta.type
                ELSE m.types[array_position(m.attrs, -u.attribute_id)] END AS type,
           CASE WHEN u.attribute_id > 0 THEN r.int_value ELSE (c.value).int_value END
               AS int_value,
           CASE WHEN u.attribute_id > 0 THEN r.double_value ELSE (c.value).double_value END
               AS double_value,
           CASE WHEN u.attribute_id > 0 THEN r.decimal_value ELSE (c.value).decimal_value END
               AS decimal_value,
           CASE WHEN u.attribute_id > 0 THEN r.text_value ELSE (c.value).text_value END
               AS text_value) v
WHERE u.attribute_id > 0 OR NOT (c.value).absent;
