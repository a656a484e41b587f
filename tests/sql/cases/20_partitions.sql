-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: partitions are UTC days in every session time zone, whole months for old data, created
-- once, limited in number, and dropped by retention.
SET timezone = 'Asia/Kolkata';
SELECT t.equal(atlas_ensure_partitions(ARRAY['2026-03-05', '2026-03-07',
    '2026-03-07']::date[])::text,
               '2', 'two days were missing');
SELECT t.equal((SELECT string_agg(partition || ' ' || is_month, ',') FROM atlas_partitions()),
               'observations_p202603 true', 'one month holds both');
SELECT t.equal((SELECT pg_get_expr(relpartbound, oid) FROM pg_class
                WHERE relname = 'observations_p202603'),
               'FOR VALUES FROM (''2026-03-01 05:30:00+05:30'') TO (''2026-04-01 05:30:00+05:30'')',
               'bounds are UTC');
SELECT t.equal(atlas_ensure_partitions(ARRAY['2026-03-05']::date[])::text, '0', 'nothing to do');

-- Days near today get partitions of their own.
SELECT atlas_ensure_partitions(ARRAY[d - 1, d, d + 1]::date[])
    FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS d) today;
SELECT t.equal((SELECT count(*) FROM atlas_partitions() WHERE NOT is_month)::text, '3', 'days');
-- A month with day partitions gets more day partitions.
SELECT atlas_attach_partition('observations_p20250110', '2025-01-10', '2025-01-11');
SELECT atlas_ensure_partitions(ARRAY['2025-01-11']::date[]);
SELECT t.ok(to_regclass('observations_p20250111') IS NOT NULL
            AND to_regclass('observations_p202501') IS NULL, 'no month over days');
SELECT t.ok((SELECT reloptions @> ARRAY['autovacuum_freeze_min_age=0'] FROM pg_class
             WHERE relname = 'observations_p20250110'), 'partitions freeze early');

SELECT t.fails($q$SELECT atlas_ensure_partitions(ARRAY['infinity']::date[])$q$, '54000',
               'cannot create a partition');
SELECT t.equal(atlas_try_partitions(ARRAY['0044-01-01 BC', 'infinity']::date[])::text,
               '{infinity,"0044-01-01 BC"}', 'days outside the calendar are refused');

-- Retention lists what is too old, and a detached partition until it is dropped. The age is that of
-- one day, so the date of the run does not matter.
SELECT now() - '2026-01-01 00:00:00+00'::timestamptz AS age \gset
SELECT t.equal((SELECT string_agg(partition, ',') FROM atlas_old_partitions(:'age')),
               'observations_p20250110,observations_p20250111', 'older than that');
SELECT detach_sql FROM atlas_old_partitions(:'age') LIMIT 1 \gset
:detach_sql;
SELECT t.ok((SELECT detach_sql IS NULL FROM atlas_old_partitions(:'age')
             WHERE partition = 'observations_p20250110'), 'detached, to be dropped');
SELECT t.equal(atlas_try_partitions(ARRAY['2025-01-10']::date[])::text, '{2025-01-10}',
               'a day whose old partition waits to be dropped is refused');
SELECT drop_sql FROM atlas_old_partitions(:'age') LIMIT 1 \gset
:drop_sql;
SELECT t.equal((SELECT string_agg(partition, ',') FROM atlas_old_partitions(:'age')),
               'observations_p20250111', 'gone');
SELECT t.equal(atlas_make_hot_partitions(5)::text, '2', 'the number of hash partitions is fixed');
SELECT t.ok(atlas_day_literal('2026-01-02') = '''2026-01-02 00:00:00+00''', 'literal with zone');
