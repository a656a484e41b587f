-- SPDX-License-Identifier: Apache-2.0
--
-- Which closed days are written to, for the statistics (82_attribute_stats.sql).
--
-- A transaction that writes to a day which is over says so in closed_day_writes. One that writes to
-- a day which is not over says nothing, but holds a shared advisory lock of that day until it ends:
-- if the day ends before it does, nothing counts the day for good while the lock is held. Gateways
-- take no such lock; their transactions end within a minute, and they report a day from its last
-- minute on (src/ingest/commit/commit_transaction.cc).

-- Reports the days of these rows, or locks those that are not over. SQL's writers call it before
-- they write.
CREATE OR REPLACE FUNCTION public.atlas_report_days(packed public.observations[])
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    days date[];
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
BEGIN
    SELECT array_agg(DISTINCT (p.observed_at AT TIME ZONE 'UTC')::date) INTO days
        FROM unnest(packed) p;
    PERFORM pg_advisory_xact_lock_shared(1635019892, d - date '1970-01-01')
        FROM unnest(days) d WHERE d >= today;
    -- A day that was over before its lock was taken may have been counted before, too.
    today := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    INSERT INTO public.closed_day_writes (day) SELECT d FROM unnest(days) d WHERE d < today;
END $$;
REVOKE ALL ON FUNCTION public.atlas_report_days(public.observations[]) FROM PUBLIC;

-- Those of the closed days to which no transaction can be writing without having reported it. The
-- caller reads them in a later statement, whose snapshot has every transaction that ended before.
CREATE OR REPLACE FUNCTION public.atlas_settled_days(days date[])
RETURNS date[] LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(d), '{}') FROM unnest(days) d
    WHERE clock_timestamp() >= (d + 1)::timestamp AT TIME ZONE 'UTC' + interval '1 minute'
      AND current_setting('transaction_isolation') = 'read committed'
      AND NOT EXISTS (
          SELECT FROM pg_locks l
          WHERE l.locktype = 'advisory' AND l.classid = 1635019892 AND l.objsubid = 2
            AND l.objid = (d - date '1970-01-01')::oid
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()));
$$;
REVOKE ALL ON FUNCTION public.atlas_settled_days(date[]) FROM PUBLIC;
