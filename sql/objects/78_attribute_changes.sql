-- SPDX-License-Identifier: Apache-2.0
--
-- Retyping, renaming and dropping an attribute of one tenant (docs/adr/0010-storage-ids.md).
--
--     PATCH, DELETE /v1/attributes/{name} → [retype, rename, drop] → [continue_changes], also a job
--
-- The change itself is a few rows of the catalog, under the locks of all shards: every later write
-- and read follows it. History stays as it is. The current state of hot attributes, which is kept
-- by name, follows in small transactions; attribute_changes says how far they are.

-- A row without a name has the name of its dictionary id.
CREATE OR REPLACE FUNCTION public.atlas_attribute_name_id()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.name_id := NEW.attribute_id;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION public.atlas_attribute_name_id() FROM PUBLIC;

CREATE OR REPLACE TRIGGER tenant_attributes_name_id BEFORE INSERT ON public.tenant_attributes
    FOR EACH ROW WHEN (NEW.name_id IS NULL) EXECUTE FUNCTION public.atlas_attribute_name_id();

-- Superseded values follow when their attribute's type changes in place, as from int to double.
CREATE OR REPLACE FUNCTION public.atlas_attribute_read_as()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.tenant_attributes SET read_as = NEW.type
        WHERE tenant_id = NEW.tenant_id AND newer[cardinality(newer)] = NEW.attribute_id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_attribute_read_as() FROM PUBLIC;

CREATE OR REPLACE TRIGGER tenant_attributes_read_as AFTER UPDATE OF type
    ON public.tenant_attributes FOR EACH ROW
    WHEN (NEW.state = 'current' AND OLD.type <> NEW.type AND NEW.continues IS NOT NULL)
    EXECUTE FUNCTION public.atlas_attribute_read_as();

-- Locks all shards and the tenant, and finds the attribute of that name. `obstacle`:
-- 'unknown_attribute', or 'changing' when an earlier change of either name is not carried out yet.
CREATE OR REPLACE FUNCTION public.atlas_begin_change(
    tenant bigint, name text, other_name text, OUT known public.tenant_attributes,
    OUT was_hot boolean, OUT obstacle text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.atlas_lock_all_shards();
    PERFORM FROM public.tenants WHERE tenant_id = tenant FOR NO KEY UPDATE;
    SELECT ta.* INTO known
        FROM public.attributes a
        JOIN public.tenant_attributes ta ON ta.name_id = a.attribute_id
        WHERE a.attribute_name = name AND ta.tenant_id = tenant AND ta.state = 'current';
    was_hot := coalesce(known.is_hot, (SELECT a.is_hot FROM public.attributes a
                                       WHERE a.attribute_id = known.name_id));
    obstacle := CASE
        WHEN known.attribute_id IS NULL AND NOT EXISTS (
                SELECT FROM public.attribute_changes x
                JOIN public.attributes a ON a.attribute_id = x.old_name_id
                WHERE x.tenant_id = tenant AND a.attribute_name = name)
            THEN 'unknown_attribute'
        WHEN EXISTS (SELECT FROM public.attribute_changes x
                     JOIN public.attributes a ON a.attribute_id IN (x.name_id, x.old_name_id)
                     WHERE x.tenant_id = tenant AND a.attribute_name IN (name, other_name))
            THEN 'changing' END;
END $$;
REVOKE ALL ON FUNCTION public.atlas_begin_change(bigint, text, text) FROM PUBLIC;

-- Notes that current state has to follow, if there is any, and tells every gateway.
CREATE OR REPLACE FUNCTION public.atlas_note_change(
    tenant bigint, attribute bigint, kind text, name_id bigint, old_name_id bigint,
    in_state boolean)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF in_state THEN
        INSERT INTO public.attribute_changes (tenant_id, attribute_id, kind, name_id, old_name_id)
            VALUES (tenant, attribute, kind, name_id, old_name_id);
    END IF;
    PERFORM public.atlas_raise_epochs(ARRAY[tenant]);
END $$;
REVOKE ALL ON FUNCTION public.atlas_note_change(bigint, bigint, text, bigint, bigint, boolean)
    FROM PUBLIC;

-- Gives the statistics of a tenant's attribute to another name, or to none (new_id NULL).
CREATE OR REPLACE FUNCTION public.atlas_move_statistics(tenant bigint, old_id bigint, new_id bigint)
RETURNS void LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM public.attribute_stats
        WHERE tenant_id = tenant AND attribute_id = coalesce(new_id, old_id);
    DELETE FROM public.attribute_sketches
        WHERE tenant_id = tenant AND attribute_id = coalesce(new_id, old_id);
    UPDATE public.attribute_stats SET attribute_id = new_id
        WHERE tenant_id = tenant AND attribute_id = old_id;
    UPDATE public.attribute_sketches SET attribute_id = new_id
        WHERE tenant_id = tenant AND attribute_id = old_id;
$$;
REVOKE ALL ON FUNCTION public.atlas_move_statistics(bigint, bigint, bigint) FROM PUBLIC;

-- Gives a tenant's attribute another type and declares it. Returns 'ok', 'unchanged', 'changing' or
-- 'unknown_attribute'.
CREATE OR REPLACE FUNCTION public.atlas_retype_attribute(tenant bigint, attribute_name text,
                                                         new_type text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun record;
    old public.tenant_attributes;
    fresh bigint;
BEGIN
    begun := public.atlas_begin_change(tenant, attribute_name, NULL);
    IF begun.obstacle IS NOT NULL THEN
        RETURN begun.obstacle;
    END IF;
    old := begun.known;
    -- Ints are read as doubles and decimals as they are.
    IF old.type = new_type OR NOT old.in_use
       OR old.type = 'int' AND new_type IN ('double', 'decimal') THEN
        UPDATE public.tenant_attributes SET type = new_type, declared = true
            WHERE tenant_id = tenant AND attribute_id = old.attribute_id;
        PERFORM public.atlas_raise_epochs(ARRAY[tenant]);
        RETURN CASE WHEN old.type = new_type THEN 'unchanged' ELSE 'ok' END;
    END IF;
    fresh := nextval('public.attributes_attribute_id_seq');
    UPDATE public.tenant_attributes
        SET state = 'superseded', newer = newer || fresh::integer, read_as = new_type
        WHERE tenant_id = tenant
          AND (attribute_id = old.attribute_id OR old.attribute_id = ANY (newer));
    INSERT INTO public.tenant_attributes (tenant_id, attribute_id, type, is_hot, declared, in_use,
                                          unit, description, category, created_at, name_id,
                                          continues)
        VALUES (tenant, fresh, new_type, old.is_hot, true, true, old.unit, old.description,
                old.category, old.created_at, old.name_id, old.attribute_id);
    PERFORM public.atlas_note_change(tenant, fresh, 'retype', old.name_id, NULL, begun.was_hot);
    RETURN 'ok';
END $$;
REVOKE ALL ON FUNCTION public.atlas_retype_attribute(bigint, text, text) FROM PUBLIC;

-- Renames a tenant's attribute, history included. The old name stays valid until the current state
-- has followed. Returns 'ok', 'unchanged', 'changing', 'name_in_use' or 'unknown_attribute'.
CREATE OR REPLACE FUNCTION public.atlas_rename_attribute(tenant bigint, attribute_name text,
                                                         new_name text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun record;
    old public.tenant_attributes;
    name_row public.attributes;
BEGIN
    begun := public.atlas_begin_change(tenant, attribute_name, new_name);
    IF begun.obstacle IS NOT NULL THEN
        RETURN begun.obstacle;
    ELSIF attribute_name = new_name THEN
        RETURN 'unchanged';
    END IF;
    old := begun.known;
    INSERT INTO public.attributes (attribute_name, type, is_hot)
        VALUES (new_name, old.type, old.type IN ('string', 'bool')) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT name_row FROM public.attributes a WHERE a.attribute_name = new_name;
    IF EXISTS (SELECT FROM public.tenant_attributes x WHERE x.tenant_id = tenant
               AND x.name_id = name_row.attribute_id AND x.state = 'current') THEN
        RETURN 'name_in_use';
    END IF;
    UPDATE public.tenant_attributes
        SET name_id = name_row.attribute_id, is_hot = nullif(begun.was_hot, name_row.is_hot)
        WHERE tenant_id = tenant
          AND (attribute_id = old.attribute_id OR old.attribute_id = ANY (newer));
    PERFORM public.atlas_move_statistics(tenant, old.name_id, name_row.attribute_id);
    PERFORM public.atlas_note_change(tenant, old.attribute_id, 'rename', name_row.attribute_id,
                                     old.name_id, begun.was_hot AND old.in_use);
    RETURN 'ok';
END $$;
REVOKE ALL ON FUNCTION public.atlas_rename_attribute(bigint, text, text) FROM PUBLIC;

-- Drops a tenant's attribute: no reader shows its values, and a later write of the name begins a
-- new attribute. Returns 'ok', 'changing' or 'unknown_attribute'.
CREATE OR REPLACE FUNCTION public.atlas_drop_attribute(tenant bigint, attribute_name text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun record;
    old public.tenant_attributes;
BEGIN
    begun := public.atlas_begin_change(tenant, attribute_name, NULL);
    IF begun.obstacle IS NOT NULL THEN
        RETURN begun.obstacle;
    END IF;
    old := begun.known;
    UPDATE public.tenant_attributes SET state = 'dropped', read_as = 'nothing'
        WHERE tenant_id = tenant
          AND (attribute_id = old.attribute_id OR old.attribute_id = ANY (newer));
    PERFORM public.atlas_move_statistics(tenant, old.name_id, NULL);
    PERFORM public.atlas_note_change(tenant, old.attribute_id, 'drop', old.name_id, NULL,
                                     begun.was_hot AND old.in_use);
    RETURN 'ok';
END $$;
REVOKE ALL ON FUNCTION public.atlas_drop_attribute(bigint, text) FROM PUBLIC;

-- How many values a tenant's attribute has in one partition of history from first to last (not
-- included), and how many of them do not convert to new_type (NULL: none is counted). Costs a scan
-- of the tenant's part.
CREATE OR REPLACE FUNCTION public.atlas_count_values(
    tenant bigint, attribute_name text, new_type text, leaf name,
    first timestamptz DEFAULT '-infinity', last timestamptz DEFAULT 'infinity',
    OUT stored bigint, OUT lost bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
    head bigint;
    ids integer[];
BEGIN
    SELECT ta.attribute_id INTO head FROM public.attributes a
        JOIN public.tenant_attributes ta ON ta.name_id = a.attribute_id
        WHERE a.attribute_name = atlas_count_values.attribute_name AND ta.tenant_id = tenant
          AND ta.state = 'current';
    SELECT array_agg(ta.attribute_id::integer) INTO ids FROM public.tenant_attributes ta
        WHERE ta.tenant_id = tenant AND (ta.attribute_id = head OR head = ANY (ta.newer));
    IF ids IS NULL THEN
        stored := 0;
        lost := 0;
        RETURN;
    END IF;
    EXECUTE format(
        'SELECT count(*), count(*) FILTER (WHERE c.absent)
         FROM public.%I o
         LEFT JOIN public.shapes s ON s.shape_id = o.shape_id
         CROSS JOIN LATERAL public.atlas_unpack(coalesce(o.attrs, s.attrs), o.int_values,
             o.double_values, o.decimal_values, o.text_values) u
         JOIN public.tenant_attributes ta ON ta.tenant_id = $1 AND ta.attribute_id = u.attribute_id
         LEFT JOIN LATERAL public.atlas_convert(ta.type, $3, u.int_value, u.double_value,
             u.decimal_value, u.text_value) c ON $3 IS NOT NULL
         WHERE o.tenant_id = $1 AND o.observed_at >= $4 AND o.observed_at < $5
           AND u.attribute_id = ANY ($2)
           AND num_nonnulls(u.int_value, u.double_value, u.decimal_value, u.text_value) > 0
           AND (ta.newer IS NULL OR NOT coalesce(o.attrs, s.attrs) && ta.newer)', leaf)
        INTO stored, lost USING tenant, ids, new_type, first, last;
END $$;
REVOKE ALL ON FUNCTION public.atlas_count_values(bigint, text, text, name, timestamptz, timestamptz)
    FROM PUBLIC;
