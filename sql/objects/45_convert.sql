-- SPDX-License-Identifier: Apache-2.0
--
-- Values of an attribute that was retyped, read as its present type. A value converts exactly, or
-- it is absent. The table of conversions is in docs/sql.md; src/model/convert.h has the same rules,
-- and src/primary/convert_pgtest.cc compares the two. Readers of the view call these functions
-- themselves.

-- RFC 3339 text with a zone as Unix microseconds; NULL for anything else. Digits after the sixth of
-- a fraction are cut off; a leap second is the last microsecond before it.
CREATE OR REPLACE FUNCTION public.atlas_rfc3339_micros(value text)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    field CONSTANT text[] := regexp_match(value,
        '^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})'
        '(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$');
    year CONSTANT integer := field[1];
    month CONSTANT integer := field[2];
    day CONSTANT integer := field[3];
    second CONSTANT integer := field[6];
    minutes integer;  -- of the day, in UTC
    micros bigint;
BEGIN
    IF field IS NULL OR year < 1 OR month NOT BETWEEN 1 AND 12 OR day < 1
       OR day > (CASE WHEN month IN (4, 6, 9, 11) THEN 30 WHEN month <> 2 THEN 31
                      WHEN year % 4 = 0 AND (year % 100 <> 0 OR year % 400 = 0) THEN 29
                      ELSE 28 END)
       OR field[4]::integer > 23 OR field[5]::integer > 59 OR second > 60
       OR field[9]::integer > 23 OR field[10]::integer > 59 THEN
        RETURN NULL;
    END IF;
    minutes := field[4]::integer * 60 + field[5]::integer
               - CASE field[8] WHEN '-' THEN -1 ELSE 1 END
                 * (coalesce(field[9], '0')::integer * 60 + coalesce(field[10], '0')::integer);
    micros := (make_date(year, month, day) - date '1970-01-01') * 86400000000
              + minutes * 60000000::bigint
              + CASE second WHEN 60 THEN 59999999
                            ELSE second * 1000000::bigint
                                 + rpad(left(coalesce(field[7], ''), 6), 6, '0')::bigint END;
    RETURN CASE WHEN micros BETWEEN -62135596800000000 AND 253402300799999999 THEN micros END;
END $$;

-- The number that a double is: whole ones from 2^53 to 2^63 with their own digits, others by the
-- shortest text that means the same double. (A cast to numeric keeps 15 digits. Beyond 2^53 a
-- double is even, so half of it is whole and fits in 64 bits.) The view has the same expression.
CREATE OR REPLACE FUNCTION public.atlas_double_number(d float8)
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN abs(d) >= 9007199254740992 AND abs(d) <= 9223372036854775808
                THEN (d / 2)::bigint::numeric * 2
                ELSE d::text::numeric END;
END;

-- The value that was stored under from_type (in one of i, d, n, t) as a value of to_type. `absent`:
-- it does not convert. A value without any of the four, which says that the attribute has no value,
-- stays that.
CREATE OR REPLACE FUNCTION public.atlas_convert(
    from_type text, to_type text, i bigint, d float8, n numeric, t text)
RETURNS public.atlas_value LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    word CONSTANT text := btrim(t, E' \t\r\n');
    number numeric;
    v public.atlas_value;
BEGIN
    v.absent := false;
    IF from_type = to_type OR num_nonnulls(i, d, n, t) = 0 THEN
        v.int_value := i;
        v.double_value := d;
        v.decimal_value := n;
        v.text_value := t;
        RETURN v;
    END IF;
    number := CASE
        WHEN from_type IN ('int', 'double', 'decimal') THEN
            coalesce(i, n, public.atlas_double_number(d))
        WHEN from_type = 'bool' AND to_type <> 'timestamp' THEN i
        WHEN from_type = 'timestamp' AND to_type <> 'bool' AND i % 1000 = 0 THEN i / 1000
        WHEN from_type = 'string' AND to_type <> 'timestamp' THEN
            public.atlas_row_number('decimal', word, NULL, NULL, NULL) END;
    IF to_type = 'int' THEN
        v.int_value := CASE WHEN number = trunc(number) AND number BETWEEN -9223372036854775808
                               AND 9223372036854775807 THEN number END;
    ELSIF to_type IN ('double', 'decimal') AND i IS NOT NULL THEN
        v.int_value := number;  -- with all its digits
    ELSIF to_type = 'double' THEN
        IF number = trunc(number) AND abs(number) > 9007199254740992
           AND number BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
            v.int_value := number;
        ELSIF public.atlas_fits_double(number) THEN
            v.double_value := number;
        END IF;
    ELSIF to_type = 'decimal' THEN
        v.decimal_value := CASE WHEN abs(number) < 1e1000 AND scale(number) <= 1000 THEN number END;
    ELSIF to_type = 'bool' THEN
        v.int_value := CASE WHEN from_type <> 'string' THEN
                              CASE number WHEN 0 THEN 0 WHEN 1 THEN 1 END
                          WHEN lower(word) IN ('true', 't', '1') THEN 1
                          WHEN lower(word) IN ('false', 'f', '0') THEN 0 END;
    ELSIF to_type = 'timestamp' THEN
        v.int_value := CASE WHEN from_type = 'string' THEN public.atlas_rfc3339_micros(word)
                          WHEN number = trunc(number)
                               AND number BETWEEN -62135596800000 AND 253402300799999
                              THEN number * 1000 END;
    ELSIF to_type = 'string' THEN
        v.text_value := CASE from_type
            WHEN 'bool' THEN (i <> 0)::text
            WHEN 'timestamp' THEN public.atlas_time_text(i)
            WHEN 'json' THEN t
            ELSE number::text END;
    END IF;
    v.absent := num_nonnulls(v.int_value, v.double_value, v.decimal_value, v.text_value) = 0;
    RETURN v;
END $$;
