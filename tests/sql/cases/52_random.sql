-- SPDX-License-Identifier: Apache-2.0
--
-- Goal: for any order, duplication, batching and write path, history is the last arrival per
-- entity, attribute and instant, and the hot state is the value of the latest observation.
-- Method: 60 rounds of random points, with few instants and values so that they collide, through
-- staging in batches or through the view; an oracle records every arrival in order.
-- A month with a day partition gets more of them, so the points are always in three partitions.
SELECT atlas_attach_partition('observations_p20261101', '2026-11-01', '2026-11-02');
CREATE TEMP TABLE oracle (arrival bigint GENERATED ALWAYS AS IDENTITY, entity_id bigint,
                          attribute_id bigint, value text, at timestamptz);
CREATE TEMP TABLE round_rows (LIKE oracle);

DO $$
BEGIN
    PERFORM setseed(0.42);
    FOR round IN 1 .. 60 LOOP
        DELETE FROM round_rows;
        -- Days 1 to 3 with six instants each; one value in ten is a null.
        INSERT INTO round_rows
            SELECT g, 1 + floor(random() * 5)::int, a.attribute_id,
                   CASE WHEN random() > 0.1 THEN
                       CASE a.attribute_id WHEN 2 THEN (random() > 0.5)::text
                            WHEN 3 THEN floor(random() * 3)::text
                            WHEN 7 THEN 's' || floor(random() * 3)::text
                            ELSE floor(random() * 4)::text END END,
                   '2026-11-01 00:00:00+00'::timestamptz
                       + floor(random() * 3)::int * interval '1 day'
                       + floor(random() * 6)::int * interval '1 hour'
            FROM generate_series(1, 1 + floor(random() * 40)::int) g
            CROSS JOIN LATERAL (SELECT (ARRAY[1, 2, 3, 7, 8])[1 + floor(random() * 5 + 0 * g)::int]
                                    AS attribute_id) a;
        IF random() > 0.4 THEN
            INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value,
                ingested_at)
                SELECT entity_id, 10, attribute_id, value, at FROM round_rows ORDER BY arrival;
            -- Several rounds may wait before they are flushed, in batches of any size.
            IF random() > 0.3 THEN
                PERFORM stage_flush(1 + floor(random() * 60)::int);
            END IF;
        ELSE
            -- Staged rows arrive when they are flushed, which must be before these.
            WHILE stage_flush(1 + floor(random() * 60)::int) > 0 LOOP
            END LOOP;
            INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)
                SELECT entity_id, 10, attribute_id, value, at FROM round_rows ORDER BY arrival;
        END IF;
        INSERT INTO oracle (entity_id, attribute_id, value, at)
            SELECT entity_id, attribute_id, value, at FROM round_rows ORDER BY arrival;
    END LOOP;
    WHILE stage_flush() > 0 LOOP
    END LOOP;
END $$;

SELECT t.equal((SELECT count(*) FROM entity_values_rejected)::text, '0', 'rejected');
-- A null that comes before the tenant has the attribute stores and changes nothing.
CREATE TEMP VIEW expected AS
    SELECT DISTINCT ON (entity_id, attribute_id, at) entity_id, attribute_id, at, value
    FROM oracle ORDER BY entity_id, attribute_id, at, arrival DESC;
SELECT t.equal((SELECT string_agg(d::text, ' ') FROM (
    (SELECT entity_id, attribute_id, at, value FROM expected WHERE value IS NOT NULL
     EXCEPT SELECT entity_id, attribute_id, ingested_at, value FROM entity_values_ts)
    UNION ALL
    (SELECT entity_id, attribute_id, ingested_at, value FROM entity_values_ts
     EXCEPT SELECT entity_id, attribute_id, at, value FROM expected)) d), NULL, 'history');
SELECT t.equal((SELECT string_agg(d::text, ' ') FROM (
    SELECT e.entity_id, a.attribute_name, l.value, j.hot_attrs ->> a.attribute_name
    FROM generate_series(1, 5) e (entity_id)
    JOIN entity_jsonb j ON j.tenant_id = 10 AND j.entity_id = e.entity_id
    CROSS JOIN attributes a
    LEFT JOIN LATERAL (SELECT value FROM expected x
        WHERE x.entity_id = e.entity_id AND x.attribute_id = a.attribute_id
        ORDER BY at DESC LIMIT 1) l ON true
    WHERE a.is_hot AND l.value IS DISTINCT FROM j.hot_attrs ->> a.attribute_name) d), NULL,
        'state');
SELECT t.ok((SELECT count(*) > 100 FROM entity_values_ts), 'and there was something to compare');
