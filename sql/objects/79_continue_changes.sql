-- SPDX-License-Identifier: Apache-2.0
--
-- Carries out what a change of an attribute means for the current state, some entities at a time.
-- Each call is resumable: it ends where its transaction ends.

-- A value of hot_attrs that was written as from_type, as to_type has it; NULL if it does not
-- convert. A value that is no from_type was written after the change, and stays.
CREATE OR REPLACE FUNCTION public.atlas_convert_hot(from_type text, to_type text, value jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    word CONSTANT text := value #>> '{}';
    i bigint;
    d float8;
    n numeric;
    t text;
    c record;
BEGIN
    IF from_type IN ('int', 'double', 'decimal') AND jsonb_typeof(value) = 'number' THEN
        n := word;
        IF from_type <> 'decimal' AND n = trunc(n)
           AND n BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
            i := n;
            n := NULL;
        ELSIF from_type = 'double' THEN
            d := CASE WHEN public.atlas_fits_double(n) THEN n END;
            IF public.atlas_double_number(d) IS DISTINCT FROM n THEN
                RETURN value;
            END IF;
            n := NULL;
        END IF;
    ELSIF from_type = 'bool' AND jsonb_typeof(value) = 'boolean' THEN
        i := (value = 'true')::integer;
    ELSIF from_type = 'timestamp' AND jsonb_typeof(value) = 'string' THEN
        i := public.atlas_rfc3339_micros(word);
        IF public.atlas_time_text(i) <> word THEN
            RETURN value;
        END IF;
    ELSIF from_type = 'string' AND jsonb_typeof(value) = 'string' THEN
        t := word;
    END IF;
    IF num_nonnulls(i, d, n, t) = 0 THEN
        RETURN value;
    END IF;
    c := public.atlas_convert(from_type, to_type, i, d, n, t);
    RETURN public.atlas_hot_json(to_type, c.int_value, c.double_value, c.decimal_value,
                                 c.text_value);
END $$;
REVOKE ALL ON FUNCTION public.atlas_convert_hot(text, text, jsonb) FROM PUBLIC;

-- Moves the values of a renamed attribute to its new name; a value written under that since wins.
CREATE OR REPLACE FUNCTION public.atlas_rename_hot(tenant bigint, entities bigint[],
                                                   old_name text, new_name text)
RETURNS void LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.entity_jsonb j
    SET hot_attrs = j.hot_attrs - old_name
            || CASE WHEN j.hot_attrs ? old_name AND NOT j.hot_at ? new_name
                    THEN jsonb_build_object(new_name, j.hot_attrs -> old_name) ELSE '{}' END,
        hot_at = jsonb_build_object(new_name, j.hot_at -> old_name) || j.hot_at - old_name
    WHERE j.tenant_id = tenant AND j.entity_id = ANY (entities) AND j.hot_at ? old_name;
    UPDATE public.entity_jsonb j SET hot_attrs = j.hot_attrs - old_name
    WHERE j.tenant_id = tenant AND j.entity_id = ANY (entities) AND j.hot_attrs ? old_name;
$$;
REVOKE ALL ON FUNCTION public.atlas_rename_hot(bigint, bigint[], text, text) FROM PUBLIC;

-- The latest value of a hot attribute of each entity, among the newest 256 observations of its last
-- two days, as reconciliation looks for it; no row where there is none. Entities are ranges of one
-- for the reason given in 86_reconcile.sql.
CREATE OR REPLACE FUNCTION public.atlas_latest_hot(head public.tenant_attributes,
                                                   entities bigint[])
RETURNS TABLE (entity_id bigint, observed_at timestamptz, value jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan SET enable_nestloop = on
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_incremental_sort = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
        SELECT j.entity_id, l.observed_at, l.value
        FROM public.entity_jsonb j
        CROSS JOIN LATERAL (
            SELECT o.observed_at, public.atlas_hot_json(head.type, c.int_value, c.double_value,
                                                        c.decimal_value, c.text_value) AS value
            FROM (SELECT * FROM public.observations x
                  WHERE x.tenant_id = j.tenant_id
                    AND x.entity_id >= j.entity_id AND x.entity_id <= j.entity_id
                    AND x.observed_at >= (j.last_day - 1)::timestamp AT TIME ZONE 'UTC'
                    AND x.observed_at < (j.last_day + 1)::timestamp AT TIME ZONE 'UTC'
                  ORDER BY x.entity_id DESC, x.observed_at DESC LIMIT 256) o
            LEFT JOIN public.shapes s ON s.shape_id = o.shape_id
            CROSS JOIN LATERAL public.atlas_unpack(coalesce(o.attrs, s.attrs), o.int_values,
                o.double_values, o.decimal_values, o.text_values) u
            JOIN public.tenant_attributes ta ON ta.tenant_id = head.tenant_id
                                            AND ta.attribute_id = u.attribute_id
            CROSS JOIN LATERAL public.atlas_convert(ta.type, head.type, u.int_value,
                u.double_value, u.decimal_value, u.text_value) c
            WHERE (ta.attribute_id = head.attribute_id OR head.attribute_id = ANY (ta.newer))
              AND (ta.newer IS NULL OR NOT coalesce(o.attrs, s.attrs) && ta.newer)
              AND NOT c.absent
            ORDER BY o.entity_id DESC, o.observed_at DESC LIMIT 1) l
        WHERE j.tenant_id = head.tenant_id AND j.entity_id = ANY (entities);
END $$;
REVOKE ALL ON FUNCTION public.atlas_latest_hot(public.tenant_attributes, bigint[]) FROM PUBLIC;

-- Gives the state of a retyped hot attribute the values that history has for its present type.
-- Where history need not be read (only_from) or no longer has one, the state itself is converted,
-- which has from_type.
CREATE OR REPLACE FUNCTION public.atlas_reread_hot(head public.tenant_attributes, name text,
                                                   from_type text, only_from boolean,
                                                   entities bigint[])
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    searched bigint[] := entities;
BEGIN
    IF only_from THEN
        UPDATE public.entity_jsonb j
            SET hot_attrs = j.hot_attrs || jsonb_build_object(name, c.value)
            FROM (SELECT x.entity_id, public.atlas_convert_hot(
                             from_type, head.type, x.hot_attrs -> name) AS value
                  FROM public.entity_jsonb x
                  WHERE x.tenant_id = head.tenant_id AND x.entity_id = ANY (entities)) c
            WHERE j.tenant_id = head.tenant_id AND j.entity_id = c.entity_id
              AND j.hot_attrs -> name <> c.value;
        SELECT array_agg(x.entity_id) INTO searched FROM public.entity_jsonb x
            WHERE x.tenant_id = head.tenant_id AND x.entity_id = ANY (entities)
              AND public.atlas_convert_hot(from_type, head.type, x.hot_attrs -> name) IS NULL
              AND x.hot_attrs ? name;
    END IF;
    UPDATE public.entity_jsonb j
        SET hot_attrs = CASE WHEN v.value IS NULL THEN j.hot_attrs - name
                             ELSE j.hot_attrs || jsonb_build_object(name, v.value) END,
            hot_at = CASE WHEN v.observed_at IS NOT NULL THEN j.hot_at || jsonb_build_object(
                              name, public.atlas_micros(v.observed_at))
                          WHEN v.value IS NULL AND j.hot_attrs ? name THEN j.hot_at - name
                          ELSE j.hot_at END
        FROM (SELECT x.entity_id, l.observed_at,
                     CASE WHEN l.entity_id IS NOT NULL THEN l.value
                          ELSE public.atlas_convert_hot(
                              from_type, head.type, x.hot_attrs -> name) END AS value
              FROM public.entity_jsonb x
              LEFT JOIN public.atlas_latest_hot(head, searched) l ON l.entity_id = x.entity_id
              WHERE x.tenant_id = head.tenant_id AND x.entity_id = ANY (searched)) v
        WHERE j.tenant_id = head.tenant_id AND j.entity_id = v.entity_id;
END $$;
REVOKE ALL ON FUNCTION public.atlas_reread_hot(public.tenant_attributes, text, text, boolean,
    bigint[]) FROM PUBLIC;

-- Gives the state of a hot attribute that began under the name of a dropped one, whose values the
-- state has, what history has of it.
CREATE OR REPLACE FUNCTION public.atlas_begin_hot(head public.tenant_attributes, name text,
                                                  entities bigint[])
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changes public.atlas_hot_change[];
BEGIN
    SELECT array_agg(ROW(head.tenant_id, e, head.attribute_id, head.type, name, '-infinity', NULL,
                         'infinity')::public.atlas_hot_change)
        INTO changes FROM unnest(entities) e;
    changes := public.atlas_settle(changes);
    UPDATE public.entity_jsonb j
        SET hot_attrs = j.hot_attrs - c.name || CASE WHEN c.value IS NULL THEN '{}'
                                                   ELSE jsonb_build_object(c.name, c.value) END,
            -- search_until says that none was found.
            hot_at = j.hot_at - c.name || CASE WHEN c.search_until IS NOT NULL THEN '{}'
                ELSE jsonb_build_object(c.name, public.atlas_micros(c.observed_at)) END
        FROM unnest(changes) c
        WHERE j.tenant_id = c.tenant_id AND j.entity_id = c.entity_id;
END $$;
REVOKE ALL ON FUNCTION public.atlas_begin_hot(public.tenant_attributes, text, bigint[]) FROM PUBLIC;

-- Carries out a change for these entities. The caller holds the locks of their shards.
CREATE OR REPLACE FUNCTION public.atlas_change_hot(change public.attribute_changes,
                                                   entities bigint[])
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head public.tenant_attributes;
    new_name text;
    old_name text;
    is_hot boolean;
    older text[];  -- types, of the storage that the attribute continues
BEGIN
    SELECT a.attribute_name INTO new_name FROM public.attributes a
        WHERE a.attribute_id = change.name_id;
    SELECT a.attribute_name INTO old_name FROM public.attributes a
        WHERE a.attribute_id = change.old_name_id;
    SELECT ta.* INTO head FROM public.tenant_attributes ta
        WHERE ta.tenant_id = change.tenant_id AND ta.name_id = change.name_id
          AND ta.state = 'current';
    is_hot := coalesce(head.is_hot, (SELECT a.is_hot FROM public.attributes a
                                     WHERE a.attribute_id = head.name_id));
    SELECT array_agg(ta.type ORDER BY cardinality(ta.newer)) INTO older
        FROM public.tenant_attributes ta
        WHERE ta.tenant_id = change.tenant_id AND head.attribute_id = ANY (ta.newer);
    IF is_hot IS NOT TRUE THEN
        UPDATE public.entity_jsonb j
            SET hot_attrs = j.hot_attrs - new_name - coalesce(old_name, new_name),
                hot_at = j.hot_at - new_name - coalesce(old_name, new_name)
            WHERE j.tenant_id = change.tenant_id AND j.entity_id = ANY (entities);
    ELSIF change.kind = 'rename' THEN
        PERFORM public.atlas_rename_hot(change.tenant_id, entities, old_name, new_name);
    ELSIF change.kind = 'drop' THEN
        PERFORM public.atlas_begin_hot(head, new_name, entities);
    ELSE
        -- After one retype the state has the latest value that history has under the former type.
        PERFORM public.atlas_reread_hot(
            head, new_name, older[1], cardinality(older) = 1 AND older[1] <> 'json', entities);
    END IF;
END $$;
REVOKE ALL ON FUNCTION public.atlas_change_hot(public.attribute_changes, bigint[]) FROM PUBLIC;

-- Carries out the oldest change of a tenant (NULL: of any) for the next `batch` entities. Returns
-- whether anything is left to do. Callers work one after the other.
CREATE OR REPLACE FUNCTION public.atlas_continue_changes(tenant bigint, batch integer DEFAULT 500)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
    work public.attribute_changes;
    names text[];
    last bigint;
    seen bigint;
    affected bigint[];
    any_entity boolean;  -- may have a value now
BEGIN
    SELECT * INTO work FROM public.attribute_changes x
        WHERE tenant IS NULL OR x.tenant_id = tenant ORDER BY x.change_id LIMIT 1 FOR UPDATE;
    IF FOUND THEN
        SELECT array_agg(a.attribute_name) INTO names FROM public.attributes a
            WHERE a.attribute_id IN (work.name_id, work.old_name_id);
        -- What did not convert under a type before may do so now.
        any_entity := work.kind = 'retype' AND (
            SELECT count(*) > 1 FROM public.tenant_attributes ta
            WHERE ta.tenant_id = work.tenant_id AND work.attribute_id = ANY (ta.newer));
        SELECT max(e.entity_id), count(*), array_agg(e.entity_id) FILTER (WHERE e.concerned)
            INTO last, seen, affected
            FROM (SELECT j.entity_id,
                         any_entity OR j.hot_at ?| names OR j.hot_attrs ?| names AS concerned
                  FROM public.entity_jsonb j
                  WHERE j.tenant_id = work.tenant_id AND j.entity_id > work.after_entity
                  ORDER BY j.entity_id LIMIT batch) e;
        IF affected IS NOT NULL THEN
            PERFORM public.atlas_lock_shards(
                (SELECT array_agg(DISTINCT (e & 63)::integer) FROM unnest(affected) e));
            PERFORM public.atlas_change_hot(work, affected);
        END IF;
        IF seen < batch THEN
            DELETE FROM public.attribute_changes WHERE change_id = work.change_id;
            PERFORM public.atlas_raise_epochs(ARRAY[work.tenant_id]);
        ELSE
            UPDATE public.attribute_changes SET after_entity = last
                WHERE change_id = work.change_id;
        END IF;
    END IF;
    RETURN EXISTS (SELECT FROM public.attribute_changes x
                   WHERE tenant IS NULL OR x.tenant_id = tenant);
END $$;
REVOKE ALL ON FUNCTION public.atlas_continue_changes(bigint, integer) FROM PUBLIC;
