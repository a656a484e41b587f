-- SPDX-License-Identifier: Apache-2.0
--
-- Statistics that know which closed days they have yet to count
-- (sql/objects/82_attribute_stats.sql).

-- The closed UTC days that attribute_stats and the sketches include.
CREATE TABLE counted_days (
    day date PRIMARY KEY
);

-- One row per transaction and closed day that it wrote to: what was counted of that day before the
-- commit is no longer true. Counting the day deletes its rows. The day is not unique: nothing that
-- appends here may wait for a transaction that counts.
CREATE TABLE closed_day_writes (
    day date NOT NULL
);
CREATE INDEX closed_day_writes_day ON closed_day_writes (day);

-- To replace what was counted of a day.
CREATE INDEX attribute_stats_day ON attribute_stats (day);

-- Of days that retention dropped nothing can be counted again.
DELETE FROM attribute_stats
WHERE to_regclass('public.observations_p' || to_char(day, 'YYYYMMDD')) IS NULL
  AND to_regclass('public.observations_p' || to_char(day, 'YYYYMM')) IS NULL;

-- The objects create it with the query that counts what is missing.
DROP MATERIALIZED VIEW IF EXISTS mv_entity_attribute_stats;
