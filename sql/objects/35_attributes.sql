-- SPDX-License-Identifier: Apache-2.0
--
-- The dictionary of attributes and the flag that makes them part of the current state.

-- data_type uses the reference's words, type is exact. The one that a statement gives sets the
-- other.
CREATE OR REPLACE FUNCTION public.atlas_exact_type(word text)
RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN w IN ('int', 'integer', 'bigint', 'smallint', 'int4', 'int8', 'long') THEN 'int'
        WHEN w IN ('decimal', 'numeric', 'number') THEN 'decimal'
        WHEN w IN ('double', 'float', 'double precision', 'real', 'float8', 'float4') THEN 'double'
        WHEN w IN ('bool', 'boolean') THEN 'bool'
        WHEN w IN ('string', 'text', 'varchar', 'enum') THEN 'string'
        WHEN w IN ('timestamp', 'timestamptz', 'datetime') THEN 'timestamp'
        WHEN w IN ('json', 'jsonb') THEN 'json' END
    FROM lower(word) w;
$$;
REVOKE ALL ON FUNCTION public.atlas_exact_type(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.atlas_attribute_type()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.type IS NULL
        OR TG_OP = 'UPDATE' AND NEW.type IS NOT DISTINCT FROM OLD.type THEN
        NEW.type := public.atlas_exact_type(NEW.data_type);
        IF NEW.type IS NULL THEN
            RAISE EXCEPTION 'unknown data type "%"', NEW.data_type
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'Use int, decimal, double, bool, string, timestamp or json.';
        END IF;
    END IF;
    NEW.data_type := CASE NEW.type WHEN 'double' THEN 'decimal' ELSE NEW.type END;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION public.atlas_attribute_type() FROM PUBLIC;

CREATE OR REPLACE TRIGGER attributes_type_insert BEFORE INSERT ON public.attributes
    FOR EACH ROW EXECUTE FUNCTION public.atlas_attribute_type();
CREATE OR REPLACE TRIGGER attributes_type_update BEFORE UPDATE OF data_type, type
    ON public.attributes FOR EACH ROW
    WHEN (OLD.data_type IS DISTINCT FROM NEW.data_type OR OLD.type IS DISTINCT FROM NEW.type)
    EXECUTE FUNCTION public.atlas_attribute_type();

-- The rule for names, for every way in.
CREATE OR REPLACE FUNCTION public.atlas_attribute_name()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT public.atlas_is_name(NEW.attribute_name, 255) THEN
        RAISE EXCEPTION 'an attribute name must have 1 to 255 bytes and no control characters'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('The name is "%s".', left(NEW.attribute_name, 200));
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION public.atlas_attribute_name() FROM PUBLIC;

CREATE OR REPLACE TRIGGER attributes_name_insert BEFORE INSERT ON public.attributes
    FOR EACH ROW EXECUTE FUNCTION public.atlas_attribute_name();
CREATE OR REPLACE TRIGGER attributes_name_update BEFORE UPDATE OF attribute_name
    ON public.attributes FOR EACH ROW
    WHEN (OLD.attribute_name IS DISTINCT FROM NEW.attribute_name)
    EXECUTE FUNCTION public.atlas_attribute_name();

-- The storage id for an attribute that begins: the dictionary's, unless the tenant used it before.
CREATE OR REPLACE FUNCTION public.atlas_storage_id(tenant bigint, name_id bigint)
RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM public.tenant_attributes x
                             WHERE x.tenant_id = atlas_storage_id.tenant
                               AND x.attribute_id = atlas_storage_id.name_id)
                THEN nextval('public.attributes_attribute_id_seq')
                ELSE atlas_storage_id.name_id END;
$$;
REVOKE ALL ON FUNCTION public.atlas_storage_id(bigint, bigint) FROM PUBLIC;

-- Why these tenants cannot make the attribute hot: 'needs_backfill' (it has values already, so its
-- state would have to be read from history) or 'hot_limit'; NULL if they can.
CREATE OR REPLACE FUNCTION public.atlas_hot_obstacle(tenants bigint[], attribute bigint)
RETURNS text LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM public.tenant_attributes
                     WHERE tenant_id = ANY (tenants) AND name_id = attribute
                       AND state = 'current' AND in_use)
            THEN 'needs_backfill'
        WHEN EXISTS (SELECT FROM public.tenants t
                     WHERE t.tenant_id = ANY (tenants) AND t.max_hot <= (
                         SELECT count(*) FROM public.tenant_attributes ta
                         JOIN public.attributes a ON a.attribute_id = ta.name_id
                         WHERE ta.tenant_id = t.tenant_id AND ta.name_id <> attribute
                           AND ta.state = 'current' AND coalesce(ta.is_hot, a.is_hot)))
            THEN 'hot_limit' END;
$$;
REVOKE ALL ON FUNCTION public.atlas_hot_obstacle(bigint[], bigint) FROM PUBLIC;

-- Removes an attribute that is no longer hot from the current state. The caller holds all shards.
CREATE OR REPLACE FUNCTION public.atlas_forget_hot(tenants bigint[], attribute_name text)
RETURNS void LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.entity_jsonb SET hot_attrs = hot_attrs - attribute_name,
                                   hot_at = hot_at - attribute_name
    WHERE tenant_id = ANY (tenants) AND (hot_attrs ? attribute_name OR hot_at ? attribute_name);
$$;
REVOKE ALL ON FUNCTION public.atlas_forget_hot(bigint[], text) FROM PUBLIC;

CREATE OR REPLACE TRIGGER attributes_hot_flip_lock BEFORE UPDATE OF is_hot ON public.attributes
    FOR EACH STATEMENT EXECUTE FUNCTION public.atlas_lock_for_edit();
DROP FUNCTION IF EXISTS public.atlas_hot_flip_lock();  -- of 0.2.0

-- A change of the dictionary's flag applies to the tenants without their own flag.
CREATE OR REPLACE FUNCTION public.atlas_hot_flip()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    followers bigint[];
    obstacle text;
BEGIN
    SELECT coalesce(array_agg(tenant_id), '{}') INTO followers FROM public.tenant_attributes
        WHERE name_id = NEW.attribute_id AND state = 'current' AND is_hot IS NULL;
    IF NEW.is_hot THEN
        obstacle := public.atlas_hot_obstacle(followers, NEW.attribute_id);
        IF obstacle = 'needs_backfill' THEN
            RAISE EXCEPTION 'attribute "%" already has values: making it hot needs a backfill',
                NEW.attribute_name
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      DETAIL = 'The current state would lack the values that history has.',
                      HINT = 'Set is_hot before the first value is written.';
        ELSIF obstacle = 'hot_limit' THEN
            RAISE EXCEPTION 'attribute "%" would exceed a tenant''s limit of hot attributes',
                NEW.attribute_name
                USING ERRCODE = 'program_limit_exceeded',
                      HINT = 'Make another attribute cold first, or raise tenants.max_hot.';
        END IF;
    ELSE
        PERFORM public.atlas_forget_hot(followers, NEW.attribute_name);
    END IF;
    PERFORM public.atlas_raise_epochs(followers);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_hot_flip() FROM PUBLIC;

CREATE OR REPLACE TRIGGER attributes_hot_flip AFTER UPDATE OF is_hot ON public.attributes
    FOR EACH ROW WHEN (OLD.is_hot IS DISTINCT FROM NEW.is_hot)
    EXECUTE FUNCTION public.atlas_hot_flip();

-- Sets one tenant's own flag. Returns 'ok', 'unchanged', 'unknown_attribute', 'needs_backfill' or
-- 'hot_limit'.
CREATE OR REPLACE FUNCTION public.atlas_set_hot(tenant bigint, attribute_name text, hot boolean)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known record;
    obstacle text;
BEGIN
    PERFORM public.atlas_lock_all_shards();
    SELECT ta.attribute_id, ta.name_id, coalesce(ta.is_hot, a.is_hot) AS is_hot INTO known
        FROM public.attributes a
        JOIN public.tenant_attributes ta ON ta.name_id = a.attribute_id
        WHERE a.attribute_name = atlas_set_hot.attribute_name AND ta.tenant_id = tenant
          AND ta.state = 'current';
    IF NOT FOUND THEN
        RETURN 'unknown_attribute';
    END IF;
    IF hot AND NOT known.is_hot THEN
        obstacle := public.atlas_hot_obstacle(ARRAY[tenant], known.name_id);
        IF obstacle IS NOT NULL THEN
            RETURN obstacle;
        END IF;
    ELSIF known.is_hot AND NOT hot THEN
        PERFORM public.atlas_forget_hot(ARRAY[tenant], attribute_name);
    END IF;
    UPDATE public.tenant_attributes SET is_hot = hot
        WHERE tenant_id = tenant AND attribute_id = known.attribute_id;
    IF known.is_hot = hot THEN
        RETURN 'unchanged';
    END IF;
    PERFORM public.atlas_raise_epochs(ARRAY[tenant]);
    RETURN 'ok';
END $$;
REVOKE ALL ON FUNCTION public.atlas_set_hot(bigint, text, boolean) FROM PUBLIC;
