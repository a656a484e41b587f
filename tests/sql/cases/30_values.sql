-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: values of every type, written by INSERT and through staging, come back exactly and in the
-- right columns; a value that its type cannot represent is rejected with the right code; one
-- tenant's type does not affect another's.
CREATE FUNCTION pg_temp.shown(attribute bigint) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('|', coalesce(value, '-'), coalesce(value_int::text, '-'),
                     coalesce(value_decimal::text, '-'), coalesce(value_bool::text, '-'),
                     coalesce((value_timestamp AT TIME ZONE 'UTC')::text, '-'),
                     coalesce(value_double::text, '-'), coalesce(value_json::text, '-'))
    FROM entity_values_ts WHERE entity_id = 1 AND attribute_id = attribute
    ORDER BY ingested_at DESC LIMIT 1;
$$;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_int)
    VALUES (1, 10, 1, 9223372036854775807);
SELECT t.equal(pg_temp.shown(1),
    '9223372036854775807|9223372036854775807|9223372036854775807|-|-|-|-', 'int');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_bool) VALUES (1, 10, 2,
    false);
SELECT t.equal(pg_temp.shown(2), 'false|-|-|false|-|-|-', 'bool');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_double) VALUES (1, 10, 3,
    0.1);
SELECT t.equal(pg_temp.shown(3), '0.1|-|0.1|-|-|0.1|-', 'double');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_decimal)
    VALUES (1, 10, 4, 1234567890123456789.0010);
SELECT t.equal(pg_temp.shown(4), '1234567890123456789.0010|-|1234567890123456789.0010|-|-|-|-',
    'decimal');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_timestamp)
    VALUES (1, 10, 5, '9999-12-31 23:59:59.999999+00');
SELECT t.equal(pg_temp.shown(5), '9999-12-31T23:59:59.999999Z|-|-|-|9999-12-31 23:59:59.999999|-|-',
    'timestamp');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_json)
    VALUES (1, 10, 6, '{"a": [1, 2]}');
SELECT t.equal(pg_temp.shown(6), '{"a": [1, 2]}|-|-|-|-|-|{"a": [1, 2]}', 'json');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES (1, 10, 7, 'on');
SELECT t.equal(pg_temp.shown(7), 'on|-|-|-|-|-|-', 'string');
SELECT t.equal(t.hot(1),
    '{"due": "9999-12-31T23:59:59.999999Z", "tags": {"a": [1, 2]}, "armed": false, '
               '"level": 0.1, "price": 1234567890123456789.0010, "status": "on"}', 'hot state');

-- Everything as text, as in many COPY files.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, observed_at) VALUES
    (1, 10, 1, '-5', '2026-11-02 00:00:00+00'), (1, 10, 2, 'TRUE', '2026-11-02 00:00:00+00'), (1,
        10, 3, '1.5e3', '2026-11-02 00:00:00+00'),
    (1, 10, 4, '.50', '2026-11-02 00:00:00+00'), (1, 10, 5, '2026-01-02T03:04:05.5+01:00',
        '2026-11-02 00:00:00+00'),
    (1, 10, 6, '[true]', '2026-11-02 00:00:00+00');
SELECT t.equal(string_agg(value, ' ' ORDER BY attribute_id),
               '-5 true 1500 0.50 2026-01-02T02:04:05.500000Z [true]', 'read from text')
    FROM entity_values_ts WHERE entity_id = 1 AND observed_at = '2026-11-02 00:00:00+00';

-- The bounds of doubles are those of the gateway: every value_double, and every text that rounds to
-- a double.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_double, ingested_at)
    SELECT 61, 10, 3, v, '2026-11-02 00:00:00+00'::timestamptz + n * interval '1 s'
    FROM unnest('{1.7976931348623157e308,-1.7976931348623157e308,5e-324,-2.2250738585072014e-308,
                  1e-310,0}'::float8[]) WITH ORDINALITY x (v, n);
SELECT t.equal(string_agg(value_double::text, ' ' ORDER BY ingested_at),
    '1.7976931348623157e+308 -1.7976931348623157e+308 5e-324 -2.2250738585072014e-308 1e-310 0',
    'every double') FROM entity_values_ts WHERE entity_id = 61;
-- value_decimal and the state have every digit of whole numbers up to 2^63, whose shortest text
-- would end in wrong ones; beyond that, those of the shortest text.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_double, ingested_at)
    SELECT 64, 10, a, v, '2026-11-02 00:00:00+00'::timestamptz + n * interval '1 s'
    FROM unnest('{-9223372036854775808,4611686018427387904,9007199254740993,0.5,-9007199254740994,
                  9223372036854775808,9223372036854777856,1e22}'::float8[])
        WITH ORDINALITY x (v, n), unnest('{3,4}'::bigint[]) a;
SELECT t.equal(string_agg(value_decimal::text, ' ' ORDER BY ingested_at),
    '-9223372036854775808 4611686018427387904 9007199254740992 0.5 -9007199254740994 '
    '9223372036854775808 9223372036854778000 10000000000000000000000',
    'digits of attribute ' || attribute_id)
    FROM entity_values_ts WHERE entity_id = 64 GROUP BY attribute_id;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_double)
    SELECT 64, 10, a, 4611686018427387904 FROM unnest('{1,3,4,9}'::bigint[]) a;
SELECT t.equal(t.hot(64), '{"hits": 4611686018427387904, "level": 4611686018427387904, '
    '"price": 4611686018427387904}', 'digits in the state');
SELECT t.equal(string_agg(atlas_double_number(v)::text, ' '),
    '9007199254740991 9007199254740992 -9223372036854775808 NaN Infinity', 'numbers of doubles')
    FROM unnest('{9007199254740991,9007199254740992,-9223372036854775808,NaN,Infinity}'::float8[])
        v;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    SELECT 62, 10, 3, v, '2026-11-02 00:00:00+00'::timestamptz + n * interval '1 s'
    FROM unnest('{1.7976931348623157e308,1.79769313486231580793e308,5e-324,2.4703282292062328e-324,
                  -1e-310,0}'::text[]) WITH ORDINALITY x (v, n);
SELECT t.equal(string_agg(value_double::text, ' ' ORDER BY ingested_at),
    '1.7976931348623157e+308 1.7976931348623157e+308 5e-324 5e-324 -1e-310 0', 'text of doubles')
    FROM entity_values_ts WHERE entity_id = 62;

-- JSON that jsonb cannot represent shows as text; a gateway may have stored it.
INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, attrs, text_values)
    SELECT 10, 60, '2026-11-02 00:00:00+00'::timestamptz + g * interval '1 s', now(), '{6}',
           ARRAY[v]
    FROM (VALUES (1, '"a\u0000"'), (2, '"\ud83d\ude00"'), (3, '"\ud83d"'), (4, '1e9999999'),
                 (5, '[1e3]'), (6, '["e1234\u00e4", "1e5678"]')) x (g, v);
SELECT t.equal(string_agg(coalesce(value_json::text, '-'), ' ' ORDER BY ingested_at),
               '- "😀" - - [1000] ["e1234ä", "1e5678"]', 'JSON beyond jsonb')
    FROM entity_values_ts WHERE entity_id = 60;

-- Values that do not fit.
CREATE FUNCTION pg_temp.refused(attribute int, columns text,
    code text) RETURNS void LANGUAGE sql AS $$
    SELECT t.fails(format('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, %s',
        replace(columns, '=', format(') VALUES (1, 10, %s, ', attribute)) || ')'), '22023', code);
$$;
SELECT pg_temp.refused(1, 'value=''high''', 'wrong_type');
SELECT pg_temp.refused(1, 'value_bool=true', 'wrong_type');
SELECT pg_temp.refused(1, 'value_decimal=9223372036854775808', 'not_representable');
SELECT pg_temp.refused(2, 'value=''yes''', 'wrong_type');
SELECT pg_temp.refused(3, 'value_double=''NaN''', 'not_representable');
SELECT pg_temp.refused(3, 'value_double=''-Infinity''', 'not_representable');
SELECT t.fails('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_int, '
               'value_double) VALUES (1, 10, 3, 1, ''NaN'')', '22023', 'not_representable');
SELECT pg_temp.refused(3, 'value=''1.79769313486231580794e308''', 'not_representable');
SELECT pg_temp.refused(3, 'value=''2.4703282292062327e-324''', 'not_representable');
SELECT pg_temp.refused(3, 'value=''-1e-400''', 'not_representable');
SELECT pg_temp.refused(3, 'value=''1e999''', 'not_representable');
SELECT pg_temp.refused(3, 'value=''1e-999''', 'not_representable');
SELECT pg_temp.refused(4, 'value_decimal=''Infinity''', 'not_representable');
SELECT pg_temp.refused(5, 'value=''soon''', 'wrong_type');
SELECT pg_temp.refused(5, 'value=''2026-13-01 00:00''', 'wrong_type');
SELECT pg_temp.refused(5, 'value_timestamp=''infinity''', 'not_representable');
SELECT pg_temp.refused(6, 'value=''{"a":''', 'wrong_type');
SELECT pg_temp.refused(6, 'value=''"\u0000"''', 'wrong_type');
SELECT pg_temp.refused(4, 'value=''1e-1001''', 'wrong_type');
SELECT pg_temp.refused(4, 'value_decimal=1e1000', 'not_representable');
SELECT pg_temp.refused(7, 'value_int=1', 'wrong_type');
SELECT pg_temp.refused(7, 'value=repeat(''x'', 1048577)', 'value_too_large');
SELECT t.fails('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES '
    '(101, 10, 7, ''x'')',
               '22023', 'unknown_entity');
SELECT t.fails('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES '
    '(1, 10, 99, ''x'')',
               '22023', 'unknown_attribute');
SELECT t.fails('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, '
    'ingested_at) VALUES (1, 10, 7, ''x'', now() + interval ''11 minutes'')',
               '22023', 'time_out_of_range');
SELECT t.fails('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, '
    'ingested_at, observed_at) VALUES (1, 10, 7, ''x'', now(), now() - interval ''1 s'')',
               '22023', 'differ');
-- One bad row rejects the whole statement.
SELECT t.fails('INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES '
    '(2, 10, 7, ''x''), (2, 10, 1, ''x'')',
               '22023', 'wrong_type');
SELECT t.ok(t.history(2) IS NULL, 'nothing of it is stored');

-- Widening: the first fraction makes an undeclared int a double; stored values do not change.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_int) VALUES (101, 11, 9, 7);
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_decimal, ingested_at)
    VALUES (101, 11, 9, 7.5, now() - interval '1 second');
SELECT t.equal((SELECT type FROM tenant_attributes WHERE tenant_id = 11 AND attribute_id = 9),
               'double', 'widened');
SELECT t.equal(string_agg(value || '/' || value_double || '/' || (value_int IS NULL), ' '
    ORDER BY ingested_at),
               '7.5/7.5/true 7/7/true', 'an int under a double')
    FROM entity_values_ts WHERE entity_id = 101;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_decimal) VALUES (101, 11, 9,
    7.0);
SELECT t.equal(t.hot(101), '{"hits": 7}', 'equal after the cast is unchanged');
UPDATE tenant_attributes SET declared = true, type = 'int' WHERE tenant_id = 10
    AND attribute_id = 9;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_int) VALUES (1, 10, 9, 7);
UPDATE tenant_attributes SET declared = true WHERE tenant_id = 10 AND attribute_id = 9;
SELECT pg_temp.refused(9, 'value_decimal=7.5', 'not_representable');

-- Ints that no double holds do not hinder it. They keep their digits, whether they come before the
-- fraction, in one statement with it, or later.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_decimal)
    VALUES (1, 10, 1, 4.5);
SELECT t.equal(pg_temp.shown(1), '4.5|-|4.5|-|-|4.5|-', 'a fraction after 2^63 - 1');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (104, 11, 1, '9223372036854775807', '2026-11-02 00:00:00+00'),
    (104, 11, 1, '21.5', '2026-11-02 00:00:01+00'),
    (104, 11, 1, '-9007199254740994', '2026-11-02 00:00:02+00');
SELECT t.equal(string_agg(concat_ws('/', value, value_int, value_decimal, value_double), ' '
                          ORDER BY ingested_at),
    '9223372036854775807/9223372036854775807/9.223372036854776e+18 21.5/21.5/21.5 '
    '-9.007199254740994e+15/-9007199254740994/-9.007199254740994e+15', 'exact ints under a double')
    FROM entity_values_ts WHERE entity_id = 104;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, value_int, value_decimal,
                              value_double, ingested_at)
    SELECT 108, 11, 1, v, i, n, d, '2026-11-02 00:00:00+00'::timestamptz + p * interval '1 s'
    FROM (VALUES (1, '0.5', NULL::bigint, NULL::numeric, NULL::float8),
                 (2, '9223372036854775807', NULL, NULL, NULL),
                 (3, NULL, 9007199254740993, NULL, NULL),
                 (4, NULL, NULL, -9223372036854775807, NULL),
                 (5, NULL, NULL, NULL, 9007199254740993),
                 (6, '-9223372036854775808', NULL, NULL, NULL),
                 (7, '18446744073709551616', NULL, NULL, NULL)) x (p, v, i, n, d);
SELECT t.equal(string_agg(value, ' ' ORDER BY ingested_at),
    '0.5 9223372036854775807 9007199254740993 -9223372036854775807 9.007199254740992e+15 '
    '-9.223372036854776e+18 1.8446744073709552e+19', 'ints after the fraction')
    FROM entity_values_ts WHERE entity_id = 108;
-- The state tells an int from the double next to it; a declared double holds both.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_double, ingested_at)
    VALUES (63, 10, 3, 9223372036854775807, '2026-11-02 00:00:00+00');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_int, ingested_at)
    VALUES (63, 10, 3, 9223372036854775807, '2026-11-02 00:00:01+00');
SELECT t.equal(t.hot(63), '{"level": 9223372036854775807}', 'the int after the double');
SELECT t.equal(string_agg(value, ' ' ORDER BY ingested_at),
               '9.223372036854776e+18 9223372036854775807', 'history has both')
    FROM entity_values_ts WHERE entity_id = 63;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
    VALUES (63, 10, 3, '0.5', '2026-11-02 00:00:01+00');
SELECT t.equal(t.hot(63), '{"level": 0.5}', 'replaced at its instant');

-- Filters compare them as doubles, hot and cold.
INSERT INTO attributes (attribute_id, attribute_name, type, is_hot)
    VALUES (30, 'gauge', 'int', true);
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES
    (105, 11, 30, '9223372036854775807'), (106, 11, 30, '9007199254740993'), (107, 11, 30, '0.5');
SELECT t.equal(t.hot(105), '{"gauge": 9223372036854775807}', 'the state keeps the digits');
SELECT t.equal((SELECT string_agg(entity_id::text, ' ' ORDER BY entity_id)
                FROM find_entities_by_attributes(11, filter, '100 years')), found, filter::text)
    FROM (VALUES ('{"gauge": 9223372036854775807}'::jsonb, '105'),
                 ('{"gauge": 9223372036854775400}', '105'),
                 ('{"gauge": 9007199254740992}', '106'), ('{"gauge": 0.5}', '107'),
                 ('{"gauge": 9223372036854770000}', NULL), ('{"gauge": 1e400}', NULL),
                 ('{"count": -9007199254740994.0001}', '104'),
                 ('{"count": -9007199254740994, "gauge": 9223372036854775807}', NULL)) x
        (filter, found);

-- A tenant may use the name for another type, and a null removes a value.
UPDATE tenant_attributes SET type = 'int' WHERE tenant_id = 11 AND attribute_id = 9;
INSERT INTO tenant_attributes (tenant_id, attribute_id, type) VALUES (11, 7, 'int');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_int) VALUES (102, 11, 7,
    42);
SELECT t.equal(t.hot(102), '{"status": 42}', 'a type of its own');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id) VALUES (102, 11, 7);
SELECT t.equal(t.hot(102), '{}', 'removed');
SELECT t.ok((SELECT value IS NULL FROM entity_values_ts WHERE entity_id = 102
             ORDER BY ingested_at DESC LIMIT 1), 'the removal is history');
-- A null for an attribute that the tenant does not have stores nothing.
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id) VALUES (103, 11, 8);
SELECT t.ok(t.history(103) IS NULL AND NOT EXISTS (
    SELECT FROM tenant_attributes WHERE tenant_id = 11 AND attribute_id = 8), 'nothing');

-- Names: the limit of every way in, in bytes.
INSERT INTO attributes (attribute_name, type) VALUES (repeat('x', 255), 'int');
SELECT t.fails(format('INSERT INTO attributes (attribute_name, type) VALUES (%L, ''int'')', name),
               '22023', '1 to 255 bytes')
    FROM unnest(ARRAY['', repeat('ü', 128), E'a\tb', E'a\x7f']) name;
SELECT t.fails(format('UPDATE attributes SET attribute_name = %L WHERE attribute_id = 8',
                      repeat('ü', 128)), '22023', '1 to 255 bytes');
SELECT t.fails(format('SELECT upsert_hot_attrs(10, 51, jsonb_build_object(%L, 1))', name),
               '22023', '1 to 255 bytes')
    FROM unnest(ARRAY['', repeat('x', 256), repeat('x', 255) || ' ', repeat('ü', 128)]) name;
SELECT upsert_hot_attrs(10, 51, jsonb_build_object(repeat('ü', 127), 1));
SELECT t.equal(t.hot(51), jsonb_build_object(repeat('ü', 127), 1)::text, 'a name of 254 bytes');

-- COPY into the view.
COPY entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) FROM STDIN;
50	10	7	a	2026-11-01 00:00:00+00
50	10	7	b	2026-11-01 00:00:01+00
\.
SELECT t.equal(t.hot(50), '{"status": "b"}', 'COPY to the view');
