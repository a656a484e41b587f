-- SPDX-License-Identifier: Apache-2.0
--
-- Time partitions of the history: a UTC day each, or a whole month for old data whose month has no
-- day partitions yet. There is no default partition, because rows in one are easily missed.
--
-- CREATE TABLE LIKE and ATTACH take SHARE UPDATE EXCLUSIVE on the parent, so COPY and queries
-- continue. CREATE … PARTITION OF would take ACCESS EXCLUSIVE.

-- The first instant of a day, as a literal with the same meaning in every time zone.
CREATE OR REPLACE FUNCTION public.atlas_day_literal(day date)
RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT quote_literal(to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00');
$$;
REVOKE ALL ON FUNCTION public.atlas_day_literal(date) FROM PUBLIC;

-- The partitions of the history: name, first day, day after the last, whether a month.
CREATE OR REPLACE FUNCTION public.atlas_partitions()
RETURNS TABLE (partition name, first_day date, end_day date, is_month boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT leaf, first, CASE WHEN length(leaf) = 20 THEN (first + interval '1 month')::date
                             ELSE first + 1 END, length(leaf) = 20
    FROM (SELECT leaf, to_date(rpad(substr(leaf, 15), 8, '01'), 'YYYYMMDD') AS first
          -- One lookup by oid each: the range scan by name that the planner chooses is quadratic.
          FROM (SELECT (SELECT relname FROM pg_class WHERE oid = inhrelid) AS leaf
                FROM pg_inherits
                WHERE inhparent = 'public.observations'::regclass AND NOT inhdetachpending
                OFFSET 0) leaves
          WHERE leaf ~ '^observations_p[0-9]{6}([0-9]{2})?$') p;
$$;
REVOKE ALL ON FUNCTION public.atlas_partitions() FROM PUBLIC;

-- Creates one partition for [first_day, end_day). The caller holds the partition lock.
CREATE OR REPLACE FUNCTION public.atlas_attach_partition(leaf text, first_day date, end_day date)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Rows are written once, mostly in order: freeze early, vacuum by inserts.
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.observations INCLUDING ALL)
         WITH (autovacuum_freeze_min_age = 0, autovacuum_vacuum_insert_scale_factor = 0.2,
               autovacuum_vacuum_insert_threshold = 100000, autovacuum_vacuum_scale_factor = 0.1,
               autovacuum_analyze_scale_factor = 0.2)',
        leaf);
    -- Without a CHECK constraint ATTACH scans the table, which is empty.
    EXECUTE format('ALTER TABLE public.observations ATTACH PARTITION public.%I
                    FOR VALUES FROM (%s) TO (%s)',
                   leaf, public.atlas_day_literal(first_day), public.atlas_day_literal(end_day));
    PERFORM public.atlas_grant('SELECT, INSERT, UPDATE', format('public.%I', leaf),
                               'atlas_gateway');
    PERFORM public.atlas_grant('SELECT', format('public.%I', leaf), 'atlas_reader');
END $$;
REVOKE ALL ON FUNCTION public.atlas_attach_partition(text, date, date) FROM PUBLIC;

-- Creates the partitions that these days lack. Returns the days that cannot have one, because the
-- limit is reached, the calendar ends, or a partition of that name is detached but not yet dropped.
CREATE OR REPLACE FUNCTION public.atlas_try_partitions(days date[])
RETURNS date[] LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
    max_partitions CONSTANT integer := 1500;
    -- Old data of one tenant must not use up the partitions that all need for the coming days.
    kept_for_recent CONSTANT integer := 400;
    today CONSTANT date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    existing integer;
    covered datemultirange;
    refused date[] := '{}';
    wanted date;
    span daterange;
    leaf text;
BEGIN
    IF NOT EXISTS (SELECT FROM public.atlas_missing_days(days)) THEN
        RETURN refused;
    END IF;
    PERFORM pg_advisory_xact_lock(1635019891, 1000);
    SELECT count(*), coalesce(range_agg(daterange(p.first_day, p.end_day)), '{}')
        INTO existing, covered FROM public.atlas_partitions() p;
    FOR wanted IN SELECT d FROM public.atlas_missing_days(days) d ORDER BY d DESC LOOP
        CONTINUE WHEN covered @> wanted;  -- by the month just created for a later day
        IF existing >= max_partitions - (wanted < today - 35)::integer * kept_for_recent
           OR NOT wanted BETWEEN '0001-01-01' AND '9999-12-30' THEN
            refused := refused || wanted;
            CONTINUE;
        END IF;
        span := daterange(date_trunc('month', wanted::timestamp)::date,
                          (date_trunc('month', wanted::timestamp) + interval '1 month')::date);
        IF wanted < today - 35 AND NOT covered && span THEN
            leaf := 'observations_p' || to_char(wanted, 'YYYYMM');
        ELSE
            leaf := 'observations_p' || to_char(wanted, 'YYYYMMDD');
            span := daterange(wanted, wanted + 1);
        END IF;
        IF to_regclass('public.' || leaf) IS NULL THEN
            PERFORM public.atlas_attach_partition(leaf, lower(span), upper(span));
            covered := covered + span::datemultirange;
            existing := existing + 1;
        ELSE
            refused := refused || wanted;
        END IF;
    END LOOP;
    RETURN refused;
END $$;
REVOKE ALL ON FUNCTION public.atlas_try_partitions(date[]) FROM PUBLIC;

-- The days without a partition, each once.
CREATE OR REPLACE FUNCTION public.atlas_missing_days(days date[])
RETURNS SETOF date LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT d FROM (SELECT DISTINCT d FROM unnest(days) d WHERE d IS NOT NULL) wanted
    WHERE NOT d BETWEEN '0001-01-01' AND '9999-12-30'
       OR NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid IN (
              to_regclass('public.observations_p' || to_char(d, 'YYYYMMDD')),
              to_regclass('public.observations_p' || to_char(d, 'YYYYMM'))));
$$;
REVOKE ALL ON FUNCTION public.atlas_missing_days(date[]) FROM PUBLIC;

-- Creates the partitions that these UTC days lack. Returns how many days lacked one. Raises 54000
-- if that made more than 1,500 partitions, or for old days more than 1,100. Do not call it in a
-- transaction that holds shard locks.
CREATE OR REPLACE FUNCTION public.atlas_ensure_partitions(days date[])
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    missing integer;
    refused date[];
BEGIN
    SELECT count(*) INTO missing FROM public.atlas_missing_days(days);
    IF missing > 0 THEN
        refused := public.atlas_try_partitions(days);
        IF cardinality(refused) > 0 THEN
            RAISE EXCEPTION 'cannot create a partition for %', refused[1]
                USING ERRCODE = 'program_limit_exceeded',
                      DETAIL = 'Days without a partition: ' || refused::text,
                      HINT = 'The limit is 1500 partitions. Drop old ones (atlas_old_partitions) '
                             'or set ingest.oldest.';
        END IF;
    END IF;
    RETURN missing;
END $$;
REVOKE ALL ON FUNCTION public.atlas_ensure_partitions(date[]) FROM PUBLIC;

-- The partitions that end before now minus `retain`. DETACH CONCURRENTLY cannot run in a function,
-- so the caller runs the statements of each partition one by one, outside a transaction, with a
-- lock_timeout. If one fails, call this again later: it also lists partitions that are half done.
-- detach_sql is NULL for a partition that is already detached.
CREATE OR REPLACE FUNCTION public.atlas_old_partitions(retain interval)
RETURNS TABLE (partition name, detach_sql text, drop_sql text)
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
    SELECT c.relname,
           CASE WHEN i.inhrelid IS NOT NULL THEN
               format('ALTER TABLE public.observations DETACH PARTITION public.%I %s', c.relname,
                      CASE WHEN i.inhdetachpending THEN 'FINALIZE' ELSE 'CONCURRENTLY' END) END,
           format('DROP TABLE public.%I', c.relname)
    FROM pg_class c
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
    LEFT JOIN public.atlas_partitions() p ON p.partition = c.relname
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND c.relname ~ '^observations_p[0-9]{6}([0-9]{2})?$'
      AND (i.inhrelid IS NULL OR i.inhdetachpending
           OR p.end_day <= ((clock_timestamp() - retain) AT TIME ZONE 'UTC')::date)
    ORDER BY c.relname;
$$;
REVOKE ALL ON FUNCTION public.atlas_old_partitions(interval) FROM PUBLIC;
