-- SPDX-License-Identifier: Apache-2.0

-- Registers the delta's unknown attributes with the tenant: typed by their values and, as the
-- caller expects, hot, up to the tenant's limit.
CREATE OR REPLACE FUNCTION public.atlas_register_delta(tenant bigint, delta jsonb)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT d.key, CASE jsonb_typeof(d.value)
                   WHEN 'boolean' THEN 'bool' WHEN 'string' THEN 'string'
                   WHEN 'number' THEN CASE WHEN scale((d.value #>> '{}')::numeric) > 0
                                           THEN 'double' ELSE 'int' END
                   ELSE 'json' END AS type
        FROM jsonb_each(delta) d
        WHERE d.value <> 'null' AND NOT EXISTS (
            SELECT FROM public.attributes a
            JOIN public.tenant_attributes ta ON ta.name_id = a.attribute_id
            WHERE a.attribute_name = d.key AND ta.tenant_id = tenant AND ta.state = 'current')
          AND NOT EXISTS (
            SELECT FROM public.attributes a
            JOIN public.attribute_changes x ON x.old_name_id = a.attribute_id
            WHERE a.attribute_name = d.key AND x.tenant_id = tenant)
        ORDER BY d.key COLLATE "C"
    LOOP
        -- Before the INSERT, which would cut blanks off the end of a name that is too long.
        IF NOT public.atlas_is_name(item.key, 255) THEN
            RAISE EXCEPTION 'an attribute name must have 1 to 255 bytes and no control characters'
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = format('The name is "%s".', left(item.key, 200));
        END IF;
        INSERT INTO public.attributes (attribute_name, type, is_hot)
            VALUES (item.key, item.type, item.type IN ('string', 'bool'))
            ON CONFLICT DO NOTHING;
        PERFORM FROM public.tenants WHERE tenant_id = tenant FOR NO KEY UPDATE;
        PERFORM public.atlas_register_attribute(tenant, a.attribute_id)
            FROM public.attributes a WHERE a.attribute_name = item.key;
        -- Another tenant's first value may have given the dictionary another type. An attribute
        -- that is hot in the dictionary needs no flag of its own and keeps following it.
        UPDATE public.tenant_attributes ta SET type = item.type,
            is_hot = CASE WHEN ta.is_hot IS NOT NULL OR a.is_hot THEN ta.is_hot ELSE coalesce((
                SELECT t.max_hot > count(*) FILTER (WHERE coalesce(x.is_hot, d.is_hot))
                FROM public.tenants t
                JOIN public.tenant_attributes x ON x.tenant_id = t.tenant_id
                    AND x.attribute_id <> ta.attribute_id AND x.state = 'current'
                JOIN public.attributes d ON d.attribute_id = x.name_id
                WHERE t.tenant_id = tenant GROUP BY t.tenant_id), true) END
            FROM public.attributes a
            WHERE a.attribute_name = item.key AND ta.name_id = a.attribute_id
              AND ta.tenant_id = tenant AND ta.state = 'current' AND NOT ta.in_use;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION public.atlas_register_delta(bigint, jsonb) FROM PUBLIC;

-- Why an entity takes no values, though history may have some of it: the code of a reason. NULL if
-- it takes them. Raises unknown_entity if not even history knows it.
CREATE OR REPLACE FUNCTION public.atlas_why_closed(tenant bigint, entity bigint)
RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    reason text;
BEGIN
    SELECT CASE WHEN NOT t.is_active THEN 'tenant_inactive'
                WHEN e.is_deleted THEN 'entity_deleted' END INTO reason
        FROM public.entities e JOIN public.tenants t ON t.tenant_id = e.tenant_id
        WHERE e.entity_id = entity AND e.tenant_id = tenant;
    IF FOUND THEN
        RETURN reason;
    END IF;
    IF public.atlas_last_day(tenant, entity) IS NULL THEN
        RAISE EXCEPTION '%', public.atlas_reason_text('unknown_entity')
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('tenant %s, entity %s', tenant, entity);
    END IF;
    RETURN 'unknown_entity';
END $$;
REVOKE ALL ON FUNCTION public.atlas_why_closed(bigint, bigint) FROM PUBLIC;

-- Writes attributes by name as an observation of now: history and current state in one transaction.
-- JSON nulls are ignored. Unknown attributes become hot; a known cold attribute is written to
-- history only. An entity that takes no values (retired, of a disabled tenant, or no longer
-- registered) is skipped with a NOTICE: entity_values_ts still shows its history, and a statement
-- over many entities must not fail for one of them.
CREATE OR REPLACE FUNCTION public.upsert_hot_attrs(p_tenant_id bigint, p_entity_id bigint,
                                                   p_delta jsonb)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    batch public.entity_values_pending[];
    instant timestamptz;
    closed text;
BEGIN
    IF jsonb_typeof(p_delta) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'p_delta must be a JSON object of attribute names and values'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Partitions, then shards, then the catalog: the order of every writer.
    PERFORM public.atlas_ensure_partitions(
        ARRAY[(clock_timestamp() AT TIME ZONE 'UTC')::date]);
    PERFORM public.atlas_lock_shards(ARRAY[(p_entity_id & 63)::integer]);
    -- Under the lock of the shard: from here on it is neither retired nor revived.
    closed := public.atlas_why_closed(p_tenant_id, p_entity_id);
    IF closed IS NOT NULL THEN
        RAISE NOTICE 'entity % of tenant % is skipped: %', p_entity_id, p_tenant_id,
            public.atlas_reason_text(closed);
        RETURN;
    END IF;
    instant := clock_timestamp();
    PERFORM public.atlas_register_delta(p_tenant_id, p_delta);
    SELECT array_agg(ROW(
        p_entity_id, p_tenant_id, a.attribute_id,
        CASE WHEN jsonb_typeof(d.value) = 'string' THEN d.value #>> '{}' END, NULL,
        CASE WHEN jsonb_typeof(d.value) = 'number' THEN (d.value #>> '{}')::numeric END,
        CASE WHEN jsonb_typeof(d.value) = 'boolean' THEN (d.value #>> '{}')::boolean END, NULL,
        instant, NULL,
        CASE WHEN jsonb_typeof(d.value) IN ('object', 'array') THEN d.value END,
        a.attribute_id, NULL)::public.entity_values_pending) INTO batch
        FROM jsonb_each(p_delta) d JOIN public.attributes a ON a.attribute_name = d.key
        WHERE d.value <> 'null';
    IF batch IS NOT NULL THEN
        PERFORM public.atlas_raise_refused(
            public.atlas_write(batch, 'sql ' || pg_backend_pid()));
    END IF;
END $$;
REVOKE ALL ON FUNCTION public.upsert_hot_attrs(bigint, bigint, jsonb) FROM PUBLIC;
