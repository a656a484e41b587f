-- SPDX-License-Identifier: Apache-2.0
--
-- Turns the EAV rows of SQL clients into data points: attribute, group and value, or the reason for
-- rejection. The rules are those of the gateway (docs/adr/0007-two-write-paths.md).
--
--     staging, INSERT → entity_values_pending[] → register → [resolve] → atlas_point[] → write

-- The number in a row of a numeric attribute; NULL if it has none.
CREATE OR REPLACE FUNCTION public.atlas_row_number(
    type text, value text, value_int bigint, value_decimal numeric, value_double float8)
RETURNS numeric LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT coalesce(
        CASE type WHEN 'int' THEN value_int::numeric END, value_decimal, value_int::numeric,
        public.atlas_double_number(value_double),
        CASE WHEN length(value) <= 1000
                  AND value ~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$'
             THEN value::numeric END);
END;

-- The text as JSON; NULL if it is not JSON.
CREATE OR REPLACE FUNCTION public.atlas_try_json(value text)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN value::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded OR statement_too_complex THEN
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_try_json(text) FROM PUBLIC;

-- The text as a time; without a zone it is UTC. NULL if it is not a time.
CREATE OR REPLACE FUNCTION public.atlas_try_time(value text)
RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' AS $$
BEGIN
    IF value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}' THEN
        RETURN value::timestamptz;
    END IF;
    RETURN NULL;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_try_time(text) FROM PUBLIC;

-- Whether a double can represent the number: in range, and a 64-bit integer without rounding. Half
-- of the smallest double rounds to 0, half a step beyond the largest one to infinity.
CREATE OR REPLACE FUNCTION public.atlas_fits_double(number numeric)
RETURNS boolean LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN abs(number) <= 9007199254740992
            THEN number = 0 OR abs(number) >= 1e-307 OR abs(number) * 2::numeric ^ 1075 > 1
        WHEN abs(number) <= 9223372036854774784 AND number = trunc(number)
            THEN number::bigint::float8::bigint = number::bigint
        WHEN abs(number) < 9223372036854775808 AND number = trunc(number) THEN false
        ELSE abs(number) < 2::numeric ^ 1024 - 2::numeric ^ 970 END;
END;
