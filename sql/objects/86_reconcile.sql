-- SPDX-License-Identifier: Apache-2.0
--
-- Checks that current state and history agree, and repairs the state where they do not.
--
-- The check compares an entity's state with its newest observation. Where the state has attributes
-- which that one lacks, it goes on with the newest 8, 64 and 256 of the last two days; and for one
-- entity in 128, others every hour, with all 256: only there it finds an attribute that the state
-- lost and the newest observations lack. It reads one snapshot and takes no locks: history and
-- state change in one transaction, so they agree in every snapshot. The repair takes the shard
-- locks and searches all of history; the latest observation wins. A value whose observation was
-- dropped by retention stays as it is. Names that no hot attribute has are differences, too.
--
-- Both read what they need through the keys, whatever the planner believes of a partition that was
-- filled after its last ANALYZE: every other kind of scan is switched off here, and so is sorting,
-- because the key alone has the order asked for. (The entity is given as a range of one. Were it an
-- equality, the index on (tenant_id, observed_at) would have that order, too, and a backward scan
-- of it reads every observation of the tenant for each entity.)

-- Two common table expressions over another one, `newest`, which has observations to compare: the
-- hot attributes of their shapes with their positions, and the values that differ from the state.
-- An attribute is known by its present storage id; values that a retype superseded are converted,
-- and skipped where that is not possible. Attributes whose state still follows a change are left
-- out.
CREATE OR REPLACE FUNCTION public.atlas_differing_sql()
RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'hot AS MATERIALIZED (
        SELECT k.t, k.shape_id, k.attrs, ta.present_id AS attribute_id, u.pos::integer AS pos,
               ta.type, ta.read_as, a.attribute_name
        FROM (SELECT DISTINCT t, shape_id, attrs FROM newest) k
        CROSS JOIN LATERAL (
            SELECT CASE k.shape_id WHEN 0 THEN k.attrs ELSE (
                SELECT s.attrs FROM public.shapes s WHERE s.shape_id = k.shape_id) END AS list) l
        CROSS JOIN LATERAL unnest(l.list) WITH ORDINALITY u (attribute_id, pos)
        CROSS JOIN LATERAL (
            SELECT x.type, x.read_as, x.is_hot, x.name_id,
                   coalesce(x.newer[cardinality(x.newer)], x.attribute_id) AS present_id
            FROM public.tenant_attributes x
            WHERE x.tenant_id = k.t AND x.attribute_id = u.attribute_id AND x.state <> ''dropped''
              AND (x.newer IS NULL OR NOT l.list && x.newer) LIMIT 1) ta
        CROSS JOIN LATERAL (
            SELECT x.attribute_name, x.is_hot FROM public.attributes x
            WHERE x.attribute_id = ta.name_id LIMIT 1) a
        WHERE coalesce(ta.is_hot, a.is_hot)
          AND NOT EXISTS (SELECT FROM public.attribute_changes x
                          WHERE x.tenant_id = k.t AND x.name_id = ta.name_id)
    ), differing AS MATERIALIZED (
        SELECT n.e, n.observed_at, h.attribute_id
        FROM newest n
        JOIN hot h ON h.t = n.t AND h.shape_id = n.shape_id AND h.attrs = n.attrs
        CROSS JOIN LATERAL (
            SELECT CASE WHEN h.read_as IS NOT NULL THEN public.atlas_convert(
                h.type, h.read_as, CASE WHEN h.pos <= n.ints THEN n.int_values[h.pos] END,
                CASE WHEN h.pos > n.ints AND h.pos <= n.doubles
                     THEN n.double_values[h.pos - n.ints] END,
                CASE WHEN h.pos > n.doubles AND h.pos <= n.decimals
                     THEN n.decimal_values[h.pos - n.doubles] END,
                CASE WHEN h.pos > n.decimals
                     THEN n.text_values[h.pos - n.decimals] END) END AS v) c
        WHERE (c.v).absent IS NOT TRUE
          AND n.state -> h.attribute_name IS DISTINCT FROM
              CASE WHEN h.read_as IS NOT NULL THEN
                       public.atlas_hot_json(h.read_as, (c.v).int_value, (c.v).double_value,
                                             (c.v).decimal_value, (c.v).text_value)
                   WHEN h.pos <= n.ints THEN
                       public.atlas_hot_json(h.type, n.int_values[h.pos], NULL, NULL, NULL)
                   WHEN h.pos <= n.doubles THEN
                       public.atlas_hot_json(h.type, NULL, n.double_values[h.pos - n.ints], NULL,
                                             NULL)
                   WHEN h.pos <= n.decimals THEN
                       public.atlas_hot_json(h.type, NULL, NULL,
                                             n.decimal_values[h.pos - n.doubles], NULL)
                   ELSE public.atlas_hot_json(h.type, NULL, NULL, NULL,
                                              n.text_values[h.pos - n.decimals]) END)';
$$;
REVOKE ALL ON FUNCTION public.atlas_differing_sql() FROM PUBLIC;

-- Compares these entities, which reported last on `day`, with their newest observation each.
-- Returns those that differ, and tenants, entities and states of those with more attributes in the
-- state.
CREATE OR REPLACE FUNCTION public.atlas_compare_newest(
    day date, tenants bigint[], entities bigint[], states jsonb[],
    OUT diverged bigint[], OUT t bigint[], OUT e bigint[], OUT s jsonb[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB'
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_incremental_sort = off SET enable_nestloop = off SET enable_mergejoin = off
SET enable_hashjoin = on SET enable_memoize = off SET enable_material = off
SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    -- The bounds are constants, so that the planner plans one partition and not all.
    EXECUTE format(
        'WITH newest AS MATERIALIZED (
             SELECT b.t, b.e, b.state, o.observed_at, coalesce(o.shape_id, 0) AS shape_id,
                    coalesce(o.attrs, ''{}'') AS attrs, o.int_values, o.double_values,
                    o.decimal_values, o.text_values,
                    coalesce(cardinality(o.int_values), 0) AS ints,
                    coalesce(cardinality(o.int_values), 0)
                        + coalesce(cardinality(o.double_values), 0) AS doubles,
                    coalesce(cardinality(o.int_values), 0)
                        + coalesce(cardinality(o.double_values), 0)
                        + coalesce(cardinality(o.decimal_values), 0) AS decimals
             FROM unnest($1, $2, $3) b (t, e, state)
             LEFT JOIN LATERAL (
                 SELECT o.* FROM public.observations o
                 WHERE o.tenant_id = b.t AND o.entity_id >= b.e AND o.entity_id <= b.e
                   AND o.observed_at >= %s AND o.observed_at < %s
                 ORDER BY o.entity_id DESC, o.observed_at DESC LIMIT 1) o ON true
         ), %s, names AS MATERIALIZED (
             SELECT h.t, h.shape_id, h.attrs, array_agg(h.attribute_name::text) AS names
             FROM hot h GROUP BY h.t, h.shape_id, h.attrs
         )
         SELECT (SELECT array_agg(DISTINCT d.e) FROM differing d),
                array_agg(n.t), array_agg(n.e), array_agg(n.state)
         FROM newest n
         LEFT JOIN names k ON k.t = n.t AND k.shape_id = n.shape_id AND k.attrs = n.attrs
         WHERE n.state - coalesce(k.names, ''{}'') <> ''{}''',
        public.atlas_day_literal(day), public.atlas_day_literal(day + 1),
        public.atlas_differing_sql())
        INTO diverged, t, e, s USING tenants, entities, states;
END $$;
REVOKE ALL ON FUNCTION public.atlas_compare_newest(date, bigint[], bigint[], jsonb[]) FROM PUBLIC;

-- The same with the newest `depth` observations until the end of `day`. Of those with the same
-- attributes only the newest is looked at.
CREATE OR REPLACE FUNCTION public.atlas_compare_recent(
    day date, tenants bigint[], entities bigint[], states jsonb[], depth integer,
    OUT diverged bigint[], OUT t bigint[], OUT e bigint[], OUT s jsonb[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB'
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_incremental_sort = off SET enable_nestloop = off SET enable_mergejoin = off
SET enable_hashjoin = on SET enable_memoize = off SET enable_material = off
SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    EXECUTE format(
        'WITH newest AS MATERIALIZED (
             SELECT b.t, b.e, b.state, o.observed_at, coalesce(o.shape_id, 0) AS shape_id,
                    coalesce(o.attrs, ''{}'') AS attrs, o.int_values, o.double_values,
                    o.decimal_values, o.text_values,
                    coalesce(cardinality(o.int_values), 0) AS ints,
                    coalesce(cardinality(o.int_values), 0)
                        + coalesce(cardinality(o.double_values), 0) AS doubles,
                    coalesce(cardinality(o.int_values), 0)
                        + coalesce(cardinality(o.double_values), 0)
                        + coalesce(cardinality(o.decimal_values), 0) AS decimals
             FROM unnest($1, $2, $3) b (t, e, state)
             CROSS JOIN LATERAL (
                 SELECT DISTINCT ON (w.shape_id, w.attrs) w.*
                 FROM (SELECT o.* FROM public.observations o
                       WHERE o.tenant_id = b.t AND o.entity_id >= b.e AND o.entity_id <= b.e
                         AND o.observed_at >= %s AND o.observed_at < %s
                       ORDER BY o.entity_id DESC, o.observed_at DESC LIMIT %s) w
                 ORDER BY w.shape_id, w.attrs, w.observed_at DESC) o
         ), %s
         SELECT (SELECT array_agg(DISTINCT d.e) FROM differing d
                 WHERE NOT EXISTS (
                     SELECT FROM newest n
                     JOIN hot h ON h.t = n.t AND h.shape_id = n.shape_id AND h.attrs = n.attrs
                     WHERE n.e = d.e AND h.attribute_id = d.attribute_id
                       AND n.observed_at > d.observed_at)),
                array_agg(b.t), array_agg(b.e), array_agg(b.state)
         FROM unnest($1, $2, $3) b (t, e, state)
         LEFT JOIN (
             SELECT n.e, array_agg(h.attribute_name::text) AS names
             FROM newest n
             JOIN hot h ON h.t = n.t AND h.shape_id = n.shape_id AND h.attrs = n.attrs
             GROUP BY n.e) k ON k.e = b.e
         WHERE b.state - coalesce(k.names, ''{}'') <> ''{}''',
        public.atlas_day_literal(day - 1), public.atlas_day_literal(day + 1), depth,
        public.atlas_differing_sql())
        INTO diverged, t, e, s USING tenants, entities, states;
END $$;
REVOKE ALL ON FUNCTION public.atlas_compare_recent(date, bigint[], bigint[], jsonb[], integer)
    FROM PUBLIC;

-- The names in these states that no hot attribute of the tenant has, nor one whose state still
-- follows a change.
CREATE OR REPLACE FUNCTION public.atlas_stray_names(tenants bigint[], states jsonb[])
RETURNS TABLE (tenant_id bigint, names text[]) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET jit = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_nestloop = on SET enable_seqscan = off AS $$
    SELECT k.t, array_agg(k.name)
    FROM (SELECT DISTINCT b.t, n.name
          FROM unnest(tenants, states) b (t, s)
          CROSS JOIN LATERAL jsonb_object_keys(b.s) n (name)) k
    WHERE NOT EXISTS (SELECT FROM public.attributes a
                      JOIN public.tenant_attributes ta ON ta.name_id = a.attribute_id
                      WHERE a.attribute_name = k.name COLLATE "C" AND ta.tenant_id = k.t
                        AND ta.state = 'current' AND coalesce(ta.is_hot, a.is_hot))
      AND NOT EXISTS (SELECT FROM public.attributes a
                      JOIN public.attribute_changes x
                          ON a.attribute_id IN (x.name_id, x.old_name_id)
                      WHERE a.attribute_name = k.name COLLATE "C" AND x.tenant_id = k.t)
    GROUP BY k.t;
$$;
REVOKE ALL ON FUNCTION public.atlas_stray_names(bigint[], jsonb[]) FROM PUBLIC;

-- Up to `batch` entities after the given one, in key order, and whether each differs from history.
CREATE OR REPLACE FUNCTION public.atlas_check_hot_state(after_tenant bigint, after_entity bigint,
                                                        batch integer)
RETURNS TABLE (tenant_id bigint, entity_id bigint, diverged boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_incremental_sort = off SET enable_hashagg = on
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    part record;
    rest record;
    sample record;
    depth integer;
    wrong bigint[];
    hour CONSTANT bigint := extract(epoch FROM now())::bigint / 3600;
BEGIN
    FOR part IN
        SELECT j.last_day AS day, array_agg(j.tenant_id) AS t, array_agg(j.entity_id) AS e,
               array_agg(j.hot_attrs) AS s
        FROM (SELECT x.tenant_id, x.entity_id, x.last_day, x.hot_attrs
              FROM public.entity_jsonb x
              WHERE (x.tenant_id, x.entity_id) > (after_tenant, after_entity)
              ORDER BY x.tenant_id, x.entity_id LIMIT batch) j
        GROUP BY j.last_day
    LOOP
        wrong := '{}';
        rest := part;
        IF part.day IS NOT NULL THEN
            SELECT array_agg(b.t) AS t, array_agg(b.e) AS e, array_agg(b.s) AS s INTO sample
                FROM unnest(part.t, part.e, part.s) b (t, e, s)
                WHERE hashint8extended(b.e, hour) & 127 = 0;
            SELECT c.* INTO rest
                FROM public.atlas_compare_newest(part.day, part.t, part.e, part.s) c;
            wrong := wrong || rest.diverged;
            FOREACH depth IN ARRAY '{8,64,256}'::integer[] LOOP
                IF depth = 256 THEN
                    rest.t := rest.t || sample.t;
                    rest.e := rest.e || sample.e;
                    rest.s := rest.s || sample.s;
                END IF;
                CONTINUE WHEN rest.e IS NULL;
                SELECT c.* INTO rest FROM public.atlas_compare_recent(
                    part.day, rest.t, rest.e, rest.s, depth) c;
                wrong := wrong || rest.diverged;
            END LOOP;
        END IF;
        -- What history does not show may be nothing that a state has.
        wrong := wrong || ARRAY(
            SELECT b.e FROM public.atlas_stray_names(rest.t, rest.s) n
            JOIN unnest(rest.t, rest.e, rest.s) b (t, e, s)
                ON b.t = n.tenant_id AND b.s ?| n.names);
        RETURN QUERY SELECT b.t, b.e, b.e = ANY (wrong) FROM unnest(part.t, part.e) b (t, e);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION public.atlas_check_hot_state(bigint, bigint, integer) FROM PUBLIC;

-- Leaves in the states of these entities, whose shards the caller has locked, only what hot
-- attributes may have. Returns how many states changed.
CREATE OR REPLACE FUNCTION public.atlas_remove_strays(tenants bigint[], entities bigint[])
RETURNS integer LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_nestloop = on SET enable_seqscan = off
SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    clean record;
    changed integer := 0;
BEGIN
    FOR clean IN
        WITH stored AS MATERIALIZED (
            SELECT w.t, w.e, j.hot_attrs, j.hot_at,
                   CASE jsonb_typeof(j.hot_attrs) WHEN 'object' THEN j.hot_attrs ELSE '{}' END
                       AS attrs,
                   CASE jsonb_typeof(j.hot_at) WHEN 'object' THEN j.hot_at ELSE '{}' END AS at
            FROM unnest(tenants, entities) w (t, e)
            JOIN public.entity_jsonb j ON j.tenant_id = w.t AND j.entity_id = w.e
        ), strays AS MATERIALIZED (
            SELECT n.* FROM public.atlas_stray_names(
                (SELECT array_agg(s.t) || array_agg(s.t) FROM stored s),
                (SELECT array_agg(s.attrs) || array_agg(s.at) FROM stored s)) n
        )
        SELECT s.t, s.e, c.attrs, c.at
        FROM stored s
        LEFT JOIN strays n ON n.tenant_id = s.t
        CROSS JOIN LATERAL (SELECT s.attrs - coalesce(n.names, '{}') AS attrs,
                                   s.at - coalesce(n.names, '{}') AS at) c
        WHERE c.attrs <> s.hot_attrs OR c.at <> s.hot_at
    LOOP
        UPDATE public.entity_jsonb SET hot_attrs = clean.attrs, hot_at = clean.at,
                                       updated_at = clock_timestamp()
            WHERE tenant_id = clean.t AND entity_id = clean.e;
        changed := changed + 1;
    END LOOP;
    RETURN changed;
END $$;
REVOKE ALL ON FUNCTION public.atlas_remove_strays(bigint[], bigint[]) FROM PUBLIC;

-- Sets the current state of these entities to what history says. Returns how many values changed,
-- and states that had something else than values of hot attributes.
CREATE OR REPLACE FUNCTION public.atlas_mend_hot_state(tenants bigint[], entities bigint[])
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off
SET enable_hashjoin = on SET enable_mergejoin = off AS $$
DECLARE
    changes public.atlas_hot_change[];
    strays integer;
    changed integer;
BEGIN
    PERFORM public.atlas_lock_shards(
        (SELECT array_agg(DISTINCT (e & 63)::integer) FROM unnest(entities) e));
    strays := public.atlas_remove_strays(tenants, entities);
    -- Every value of the state, to be confirmed: history may have a later one, or another one at
    -- the same instant. The hot attributes of a tenant are read once for all of its entities. A
    -- LATERAL with OFFSET 0 or LIMIT is always a lookup by key, row by row.
    WITH hot AS MATERIALIZED (
        SELECT w.t, ta.attribute_id, ta.type, a.attribute_name
        FROM (SELECT DISTINCT t FROM unnest(tenants) t) w
        CROSS JOIN LATERAL (SELECT x.attribute_id, x.name_id, x.type, x.is_hot
                            FROM public.tenant_attributes x
                            WHERE x.tenant_id = w.t AND x.state = 'current' OFFSET 0) ta
        CROSS JOIN LATERAL (SELECT x.attribute_name, x.is_hot FROM public.attributes x
                            WHERE x.attribute_id = ta.name_id LIMIT 1) a
        WHERE coalesce(ta.is_hot, a.is_hot)
          AND NOT EXISTS (SELECT FROM public.attribute_changes x
                          WHERE x.tenant_id = w.t AND x.name_id = ta.name_id)
    )
    SELECT array_agg(ROW(
            w.t, w.e, h.attribute_id, h.type, h.attribute_name,
            coalesce(public.atlas_time((j.hot_at ->> h.attribute_name)::bigint)
                     - interval '1 microsecond', '-infinity'),
            j.hot_attrs -> h.attribute_name, 'infinity')::public.atlas_hot_change)
        INTO changes
        FROM unnest(tenants, entities) w (t, e)
        CROSS JOIN LATERAL (SELECT x.hot_attrs, x.hot_at FROM public.entity_jsonb x
                            WHERE x.tenant_id = w.t AND x.entity_id = w.e LIMIT 1) j
        JOIN hot h ON h.t = w.t;
    IF changes IS NULL THEN
        RETURN strays;
    END IF;
    changes := public.atlas_settle(changes);
    SELECT count(*) INTO changed
        FROM unnest(changes) c
        CROSS JOIN LATERAL (SELECT x.hot_attrs FROM public.entity_jsonb x
                            WHERE x.tenant_id = c.tenant_id AND x.entity_id = c.entity_id
                            LIMIT 1) j
        WHERE j.hot_attrs -> c.name IS DISTINCT FROM c.value;
    IF changed > 0 THEN
        PERFORM public.atlas_update_state('{}', changes, clock_timestamp());
    END IF;
    RETURN changed + strays;
END $$;
REVOKE ALL ON FUNCTION public.atlas_mend_hot_state(bigint[], bigint[]) FROM PUBLIC;
