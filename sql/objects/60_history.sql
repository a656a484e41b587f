-- SPDX-License-Identifier: Apache-2.0
--
-- Packs data points into rows of history and writes them.

-- The data points of one packed row: attribute, group, and the value in the column of its group.
CREATE OR REPLACE FUNCTION public.atlas_unpack(
    attrs integer[], int_values bigint[], double_values float8[], decimal_values numeric[],
    text_values text[])
RETURNS TABLE (attribute_id integer, value_group smallint, int_value bigint, double_value float8,
               decimal_value numeric, text_value text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT u.attribute_id,
           (CASE WHEN u.pos <= g.ints THEN 1 WHEN u.pos <= g.doubles THEN 2
                 WHEN u.pos <= g.decimals THEN 3 ELSE 4 END)::smallint,
           CASE WHEN u.pos <= g.ints THEN int_values[u.pos] END,
           CASE WHEN u.pos > g.ints AND u.pos <= g.doubles THEN double_values[u.pos - g.ints] END,
           CASE WHEN u.pos > g.doubles AND u.pos <= g.decimals
                THEN decimal_values[u.pos - g.doubles] END,
           CASE WHEN u.pos > g.decimals THEN text_values[u.pos - g.decimals] END
    FROM unnest(attrs) WITH ORDINALITY AS u (attribute_id, pos),
         (SELECT coalesce(cardinality(int_values), 0) AS ints,
                 coalesce(cardinality(int_values), 0)
                     + coalesce(cardinality(double_values), 0) AS doubles,
                 coalesce(cardinality(int_values), 0) + coalesce(cardinality(double_values), 0)
                     + coalesce(cardinality(decimal_values), 0) AS decimals) g;
END;

-- Packs the points into one row per entity and instant, with its list of attributes. Of several
-- points of one attribute, the last arrival wins.
CREATE OR REPLACE FUNCTION public.atlas_pack(points public.atlas_point[], arrived_at timestamptz)
RETURNS public.observations[] LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_hashagg = off AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT array_agg(ROW(
            g.tenant_id, g.entity_id, g.observed_at, arrived_at, NULL,
            coalesce(g.i, '{}') || coalesce(g.d, '{}') || coalesce(g.n, '{}')
                || coalesce(g.t, '{}'),
            g.int_values, g.double_values, g.decimal_values, g.text_values)::public.observations)
        FROM (
            SELECT tenant_id, entity_id, observed_at,
                   array_agg(attribute_id) FILTER (WHERE value_group = 1) AS i,
                   array_agg(int_value) FILTER (WHERE value_group = 1) AS int_values,
                   array_agg(attribute_id) FILTER (WHERE value_group = 2) AS d,
                   array_agg(double_value) FILTER (WHERE value_group = 2) AS double_values,
                   array_agg(attribute_id) FILTER (WHERE value_group = 3) AS n,
                   array_agg(decimal_value) FILTER (WHERE value_group = 3) AS decimal_values,
                   array_agg(attribute_id) FILTER (WHERE value_group = 4) AS t,
                   array_agg(text_value) FILTER (WHERE value_group = 4) AS text_values
            FROM (SELECT DISTINCT ON (tenant_id, entity_id, observed_at, attribute_id) *
                  FROM unnest(points) WHERE reason IS NULL AND value_group IS NOT NULL
                  ORDER BY tenant_id, entity_id, observed_at, attribute_id, arrival DESC) p
            GROUP BY tenant_id, entity_id, observed_at) g);
END $$;
REVOKE ALL ON FUNCTION public.atlas_pack(public.atlas_point[], timestamptz) FROM PUBLIC;

-- Registers shapes for frequent combinations of attributes, as the gateway does: from 4 rows on, at
-- most 100,000 shapes of at most 512 attributes each.
CREATE OR REPLACE FUNCTION public.atlas_add_shapes(packed public.observations[])
RETURNS void LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO public.shapes (attrs)
    SELECT p.attrs FROM (SELECT attrs FROM unnest(packed) GROUP BY attrs
                         HAVING count(*) >= 4 AND cardinality(attrs) <= 512) p
    WHERE (SELECT coalesce(max(shape_id), 0) FROM public.shapes) < 100000
      AND NOT EXISTS (SELECT FROM public.shapes s WHERE s.attrs = p.attrs)
    ORDER BY p.attrs
    ON CONFLICT DO NOTHING;
END $$;
REVOKE ALL ON FUNCTION public.atlas_add_shapes(public.observations[]) FROM PUBLIC;

-- Merges two rows of one entity and instant: every attribute of both, and the newer value wins. An
-- older value keeps the group in which it was stored. A function without SET clauses is planned
-- once, inside its caller; called per row it would take ten times as long.
CREATE OR REPLACE FUNCTION public.atlas_merge(older public.observations,
                                              newer public.observations)
RETURNS TABLE (attrs integer[], int_values bigint[], double_values float8[],
               decimal_values numeric[], text_values text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(p.attribute_id ORDER BY p.value_group, p.attribute_id), '{}'),
           array_agg(p.int_value ORDER BY p.attribute_id) FILTER (WHERE p.value_group = 1),
           array_agg(p.double_value ORDER BY p.attribute_id) FILTER (WHERE p.value_group = 2),
           array_agg(p.decimal_value ORDER BY p.attribute_id) FILTER (WHERE p.value_group = 3),
           array_agg(p.text_value ORDER BY p.attribute_id) FILTER (WHERE p.value_group = 4)
    FROM (SELECT DISTINCT ON (x.attribute_id) x.*
          FROM (VALUES (1, older), (2, newer)) v (age, row)
          CROSS JOIN LATERAL public.atlas_unpack(
              coalesce((v.row).attrs, (SELECT s.attrs FROM public.shapes s
                                       WHERE s.shape_id = (v.row).shape_id)),
              (v.row).int_values, (v.row).double_values, (v.row).decimal_values,
              (v.row).text_values) x
          ORDER BY x.attribute_id, v.age DESC) p;
END;

-- Writes packed rows. A row merges with a stored observation of the same entity and instant, and
-- the new value of an attribute wins. The caller holds the shard locks; partitions exist.
CREATE OR REPLACE FUNCTION public.atlas_store(packed public.observations[])
RETURNS void LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_nestloop = on
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO public.observations AS o
    SELECT p.tenant_id, p.entity_id, p.observed_at, p.received_at, s.shape_id,
           CASE WHEN s.shape_id IS NULL THEN p.attrs END,
           p.int_values, p.double_values, p.decimal_values, p.text_values
    FROM unnest(packed) p LEFT JOIN public.shapes s ON s.attrs = p.attrs
    ORDER BY (p.observed_at AT TIME ZONE 'UTC')::date, p.tenant_id, p.entity_id, p.observed_at
    ON CONFLICT (tenant_id, entity_id, observed_at) DO UPDATE
    SET (received_at, shape_id, attrs, int_values, double_values, decimal_values, text_values) = (
        SELECT excluded.received_at, s.shape_id, CASE WHEN s.shape_id IS NULL THEN m.attrs END,
               m.int_values, m.double_values, m.decimal_values, m.text_values
        FROM public.atlas_merge(o, excluded) m
        LEFT JOIN public.shapes s ON s.attrs = m.attrs)
    WHERE (o.shape_id, o.attrs, o.int_values, o.double_values, o.decimal_values, o.text_values)
        IS DISTINCT FROM (excluded.shape_id, excluded.attrs, excluded.int_values,
                          excluded.double_values, excluded.decimal_values, excluded.text_values);
END $$;
REVOKE ALL ON FUNCTION public.atlas_store(public.observations[]) FROM PUBLIC;

-- The UTC day of an entity's newest observation; NULL without one. Through the key of each
-- partition, whatever the planner knows of it: a range of one entity and the order keep it from the
-- index on (tenant_id, observed_at), which reads every row of the tenant where there is none of the
-- entity.
CREATE OR REPLACE FUNCTION public.atlas_last_day(tenant bigint, entity bigint)
RETURNS date LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off
SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off AS $$
BEGIN
    RETURN (SELECT (o.observed_at AT TIME ZONE 'UTC')::date FROM public.observations o
            WHERE o.tenant_id = tenant AND o.entity_id >= entity AND o.entity_id <= entity
            ORDER BY o.entity_id DESC, o.observed_at DESC LIMIT 1);
END $$;
REVOKE ALL ON FUNCTION public.atlas_last_day(bigint, bigint) FROM PUBLIC;
