-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: right after any write, REFRESH shows of closed days what history holds: of days never
-- counted, of late rows in counted days, of merged rows, of days whose partition is gone. A REFRESH
-- with nothing new reads no history.

-- The view against history: values per attribute exact, entities exact where they are of one day.
-- Without the attribute that is written today.
CREATE FUNCTION pg_temp.agrees(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM t.equal(
        (SELECT string_agg(format('%s/%s %s %s', m.tenant_id, m.attribute_id, m.attribute_name,
                                  m.total_values), ', ' ORDER BY m.tenant_id, m.attribute_id)
         FROM public.mv_entity_attribute_stats m WHERE m.attribute_id <> 9),
        (SELECT string_agg(format('%s/%s %s %s', h.tenant_id, h.attribute_id, a.attribute_name,
                                  h.points), ', ' ORDER BY h.tenant_id, h.attribute_id)
         FROM (SELECT v.tenant_id, v.attribute_id, count(*) AS points
               FROM public.entity_values_ts v
               WHERE v.attribute_id <> 9 GROUP BY 1, 2) h
         JOIN public.attributes a ON a.attribute_id = h.attribute_id), what);
    PERFORM t.equal(
        (SELECT string_agg(format('%s/%s of %s', s.tenant_id, s.attribute_id, s.day), ', '
                           ORDER BY s.tenant_id, s.attribute_id, s.day)
         FROM public.attribute_stats s
         WHERE s.distinct_entities IS DISTINCT FROM (
             SELECT count(DISTINCT v.entity_id) FROM public.entity_values_ts v
             WHERE v.tenant_id = s.tenant_id AND v.attribute_id = s.attribute_id
               AND v.ingested_at >= s.day::timestamp AT TIME ZONE 'UTC'
               AND v.ingested_at < (s.day + 1)::timestamp AT TIME ZONE 'UTC')), NULL,
        what || ': entities of each day');
END $$;
CREATE FUNCTION pg_temp.put(entity bigint, attribute bigint, at text) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO public.entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
        VALUES (entity, 10, attribute, entity || '.5', (at || '+00')::timestamptz);
$$;

-- A day, and a month that is one partition.
SELECT atlas_attach_partition('observations_p20260701', '2026-07-01', '2026-07-02');
SELECT pg_temp.put(e, 3, '2026-07-01 12:00') FROM generate_series(1, 50) e;
SELECT pg_temp.put(e, 4, '2026-03-0' || d || ' 00:00') FROM generate_series(1, 9) e,
    generate_series(1, 9) d;
SELECT t.ok(to_regclass('observations_p202603') IS NOT NULL, 'a month');
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES (1, 10, 9, 1);
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT pg_temp.agrees('right after loading');
SELECT t.ok(NOT EXISTS (SELECT FROM mv_entity_attribute_stats WHERE attribute_id = 9)
            OR (SELECT max(ingested_at) FROM entity_values_ts WHERE attribute_id = 9)
               < date_trunc('day', clock_timestamp(), 'UTC'), 'today is not counted');
-- The days that a REFRESH would count, without those of this autumn: midnight may pass.
CREATE FUNCTION pg_temp.uncounted() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(days::text, ' '), 'none') FROM public.atlas_uncounted_days()
    WHERE days[1] < '2026-08-01';
$$;
SELECT t.equal((SELECT distinct_entities FROM mv_entity_attribute_stats
                WHERE attribute_name = 'level')::text, '50', 'exact for one day');

SELECT pg_temp.put(51, 3, '2026-07-01 23:59:59.999999');
REFRESH MATERIALIZED VIEW CONCURRENTLY mv_entity_attribute_stats;
SELECT pg_temp.agrees('late');
SELECT pg_temp.put(1, 7, '2026-07-01 12:00');
SELECT pg_temp.put(1, 7, '2026-03-05 12:00');
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT pg_temp.agrees('merged into a stored instant');
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES
    (2, 10, 7, 'staged', '2026-07-01 00:00+00'), (2, 10, 7, 'staged', '2026-02-28 00:00+00');
SELECT stage_flush();
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT pg_temp.agrees('staged');
-- Within one transaction, too.
BEGIN;
SELECT pg_temp.put(3, 7, '2026-07-01 00:00');
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT pg_temp.agrees('of the same transaction');
COMMIT;
SELECT t.equal(pg_temp.uncounted(), 'none', 'nothing is left to count');
SELECT t.equal((SELECT count(*) FROM closed_day_writes)::text, '0', 'reports are gone');

-- The days of one partition are counted in one scan, those of others not at all.
SELECT pg_temp.put(4, 7, '2026-03-02 00:00'), pg_temp.put(4, 7, '2026-03-04 00:00');
SELECT t.equal(pg_temp.uncounted(), '{2026-03-02,2026-03-04}', 'uncounted');
CREATE FUNCTION pg_temp.read_of(leaf regclass) RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_stat_get_xact_tuples_returned(leaf) + pg_stat_get_xact_tuples_fetched(leaf);
$$;
SELECT pg_temp.read_of('observations_p20260701') AS day, pg_temp.read_of('observations_p202603') AS
    month \gset
BEGIN;
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT t.equal((pg_temp.read_of('observations_p20260701') - :day)::text, '0', 'another day');
SELECT t.ok(pg_temp.read_of('observations_p202603') - :month BETWEEN 20 AND 100, 'once');
COMMIT;
SELECT pg_temp.agrees('two days of a month');

-- What a gateway reports (sql/queries/ingest/report_days.sql) makes REFRESH count.
INSERT INTO observations SELECT 10, 60, '2026-07-01 15:00+00', now(), NULL, '{3}', NULL,
    ARRAY[1.5], NULL, NULL;
INSERT INTO closed_day_writes VALUES ('2026-07-01');
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT pg_temp.agrees('reported');

-- Creating the view and a session that does not want to wait count nothing.
SELECT pg_temp.put(5, 7, '2026-07-01 00:00');
SET atlas.count_days = 'off';
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT t.equal(pg_temp.uncounted(), '{2026-07-01}', 'left out');
RESET atlas.count_days;

-- A dropped partition takes its counts along.
ALTER TABLE observations DETACH PARTITION observations_p202603;
DROP TABLE observations_p202603;
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT pg_temp.agrees('dropped');
SELECT t.ok(NOT EXISTS (SELECT FROM mv_entity_attribute_stats WHERE attribute_name = 'price'),
            'nothing of it is left');
SELECT pg_temp.put(5, 4, '2026-03-02 00:00');
REFRESH MATERIALIZED VIEW mv_entity_attribute_stats;
SELECT pg_temp.agrees('and written to again');
