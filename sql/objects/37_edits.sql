-- SPDX-License-Identifier: Apache-2.0
--
-- Statements by hand against what gateways cache: the entity of an external id, the attribute of a
-- name, the tenant of a name, the current state. Each is refused with a hint, or announced: it
-- waits for the transactions that write now, and later ones find the epoch raised or another writer
-- in their shard. So no write is acknowledged for an entity, attribute or tenant that no read finds
-- under the name it was sent to.
--
-- What follows the lock protocol is left alone: sessions of gateways' writers, which set
-- atlas.locked, and statements of functions named atlas_….
-- Not covered: session_replication_role = replica, disabled triggers, changes of the schema, and
-- statements that name a partition of entity_jsonb.

-- Trigger arguments: what cannot be done, the hint.
CREATE OR REPLACE FUNCTION public.atlas_refuse_edit()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0]
        USING ERRCODE = 'feature_not_supported', HINT = TG_ARGV[1];
END $$;
REVOKE ALL ON FUNCTION public.atlas_refuse_edit() FROM PUBLIC;

-- Whether a trigger's PG_CONTEXT has a function of ours after the trigger's own line: a name that
-- begins so, not one that contains it, and not a word of a statement, which is in quotes.
CREATE OR REPLACE FUNCTION public.atlas_calls(stack text)
RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT regexp_replace(stack, '"[^"]*"', '""', 'g') ~ '\n[^\n]*[^\w\n]atlas_';
$$;
REVOKE ALL ON FUNCTION public.atlas_calls(text) FROM PUBLIC;

-- Entities -----------------------------------------------------------------------------------

-- An external id means another entity from now on, or none. The caller holds all shards.
CREATE OR REPLACE FUNCTION public.atlas_raise_entities_epochs(changed bigint[])
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.atlas_raise_epochs(changed);
    UPDATE public.tenants SET entities_epoch = entities_epoch + 1
        WHERE tenant_id = ANY (changed);
END $$;
REVOKE ALL ON FUNCTION public.atlas_raise_entities_epochs(bigint[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.atlas_entities_renamed()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.atlas_raise_entities_epochs(
        (SELECT array_agg(DISTINCT n.tenant_id) FROM old_rows o JOIN new_rows n USING (entity_id)
         WHERE o.external_id <> n.external_id));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_entities_renamed() FROM PUBLIC;

-- Without history nothing refers to an entity but its state, which goes with it.
CREATE OR REPLACE FUNCTION public.atlas_entities_deleted()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    kept record;
BEGIN
    SELECT d.external_id, d.tenant_id INTO kept
        FROM old_rows d
        WHERE public.atlas_last_day(d.tenant_id, d.entity_id) IS NOT NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entity "%" of tenant % has history', kept.external_id, kept.tenant_id
            USING ERRCODE = 'foreign_key_violation',
                  HINT = 'Retire it: UPDATE entities SET is_deleted = true, or DELETE '
                         '/v1/entities/{entity}. Entities without history can be deleted.';
    END IF;
    DELETE FROM public.entity_jsonb j USING old_rows d
        WHERE j.tenant_id = d.tenant_id AND j.entity_id = d.entity_id;
    PERFORM public.atlas_raise_entities_epochs(
        (SELECT array_agg(DISTINCT d.tenant_id) FROM old_rows d));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_entities_deleted() FROM PUBLIC;

CREATE OR REPLACE TRIGGER entities_edit_lock BEFORE DELETE OR UPDATE OF external_id
    ON public.entities FOR EACH STATEMENT EXECUTE FUNCTION public.atlas_lock_for_edit();
CREATE OR REPLACE TRIGGER entities_renamed AFTER UPDATE ON public.entities
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION public.atlas_entities_renamed();
CREATE OR REPLACE TRIGGER entities_deleted AFTER DELETE ON public.entities
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
    EXECUTE FUNCTION public.atlas_entities_deleted();
CREATE OR REPLACE TRIGGER entities_fixed_id BEFORE UPDATE OF entity_id, tenant_id
    ON public.entities FOR EACH ROW
    WHEN (OLD.entity_id <> NEW.entity_id OR OLD.tenant_id <> NEW.tenant_id)
    EXECUTE FUNCTION public.atlas_refuse_edit(
        'entity_id and tenant_id of an entity cannot change',
        'History refers to them. Register another entity instead.');

-- Names --------------------------------------------------------------------------------------

-- Names that are stored already stay. Trigger arguments: whose name, its most bytes.
CREATE OR REPLACE FUNCTION public.atlas_refuse_name()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        PERFORM FROM new_rows n WHERE NOT public.atlas_is_name(n.external_id, 1024);
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION '%', format(
            '%s must have 1 to %s bytes and no control characters', TG_ARGV[0], TG_ARGV[1])
        USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Choose a name that the API accepts, too: under others nothing can be '
                     'written or read.';
END $$;
REVOKE ALL ON FUNCTION public.atlas_refuse_name() FROM PUBLIC;

-- Gateways, which set atlas.state_rows, have checked what they register: no cost for each row.
CREATE OR REPLACE TRIGGER entities_name_insert AFTER INSERT ON public.entities
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    WHEN (current_setting('atlas.state_rows', true) IS DISTINCT FROM 'later')
    EXECUTE FUNCTION public.atlas_refuse_name('an entity''s external_id', '1024');
CREATE OR REPLACE TRIGGER entities_name_update BEFORE UPDATE OF external_id
    ON public.entities FOR EACH ROW
    WHEN (OLD.external_id <> NEW.external_id AND NOT public.atlas_is_name(NEW.external_id, 1024))
    EXECUTE FUNCTION public.atlas_refuse_name('an entity''s external_id', '1024');
CREATE OR REPLACE TRIGGER tenants_name_insert BEFORE INSERT ON public.tenants
    FOR EACH ROW WHEN (NOT public.atlas_is_name(NEW.tenant_name, 255))
    EXECUTE FUNCTION public.atlas_refuse_name('a tenant''s name', '255');
CREATE OR REPLACE TRIGGER tenants_name_update BEFORE UPDATE OF tenant_name
    ON public.tenants FOR EACH ROW
    WHEN (OLD.tenant_name <> NEW.tenant_name AND NOT public.atlas_is_name(NEW.tenant_name, 255))
    EXECUTE FUNCTION public.atlas_refuse_name('a tenant''s name', '255');

-- Attributes ---------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION public.atlas_attribute_renamed()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.tenant_attributes WHERE name_id = OLD.attribute_id) THEN
        RAISE EXCEPTION 'attribute "%" has tenants, so its name cannot change',
            OLD.attribute_name
            USING ERRCODE = 'object_in_use',
                  HINT = 'Rename it for each tenant: SELECT atlas_rename_attribute(tenant, '
                         'old_name, new_name), or PATCH /v1/attributes/{name}.';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION public.atlas_attribute_renamed() FROM PUBLIC;

CREATE OR REPLACE TRIGGER attributes_renamed BEFORE UPDATE OF attribute_name
    ON public.attributes FOR EACH ROW WHEN (OLD.attribute_name <> NEW.attribute_name)
    EXECUTE FUNCTION public.atlas_attribute_renamed();
CREATE OR REPLACE TRIGGER attributes_fixed_id BEFORE UPDATE OF attribute_id
    ON public.attributes FOR EACH ROW WHEN (OLD.attribute_id <> NEW.attribute_id)
    EXECUTE FUNCTION public.atlas_refuse_edit(
        'attribute_id cannot change', 'History refers to it. Add another attribute instead.');

-- A tenant's attribute without values may go: validation and reads notice the epoch.
CREATE OR REPLACE FUNCTION public.atlas_tenant_attribute_deleted()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stack text;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF public.atlas_calls(stack) THEN
        RETURN OLD;
    END IF;
    IF OLD.in_use THEN
        RAISE EXCEPTION 'attribute % of tenant % has values', OLD.attribute_id, OLD.tenant_id
            USING ERRCODE = 'foreign_key_violation',
                  HINT = 'Attributes without values can be deleted.';
    END IF;
    PERFORM public.atlas_raise_epochs(ARRAY[OLD.tenant_id]);
    RETURN OLD;
END $$;
REVOKE ALL ON FUNCTION public.atlas_tenant_attribute_deleted() FROM PUBLIC;

CREATE OR REPLACE TRIGGER tenant_attributes_deleted BEFORE DELETE ON public.tenant_attributes
    FOR EACH ROW EXECUTE FUNCTION public.atlas_tenant_attribute_deleted();

-- Tenants ------------------------------------------------------------------------------------

CREATE OR REPLACE TRIGGER tenants_fixed_id BEFORE UPDATE OF tenant_id
    ON public.tenants FOR EACH ROW WHEN (OLD.tenant_id <> NEW.tenant_id)
    EXECUTE FUNCTION public.atlas_refuse_edit(
        'tenant_id cannot change',
        'Entities and history refer to it. To rename the tenant, update tenant_name.');

-- Current state ------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION public.atlas_state_deleted()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.entities
               WHERE entity_id = OLD.entity_id AND tenant_id = OLD.tenant_id) THEN
        RAISE EXCEPTION 'the state of entity % of tenant % cannot be deleted', OLD.entity_id,
            OLD.tenant_id
            USING ERRCODE = 'foreign_key_violation',
                  HINT = 'It goes with its row in entities. To empty it, update hot_attrs.';
    END IF;
    RETURN OLD;
END $$;
REVOKE ALL ON FUNCTION public.atlas_state_deleted() FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.atlas_state_edited()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stack text;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF NOT public.atlas_calls(stack) THEN
        PERFORM public.atlas_lock_all_shards();
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_state_edited() FROM PUBLIC;

-- No trigger of rows on UPDATE: it would read every row that ingest changes a second time.
CREATE OR REPLACE TRIGGER entity_jsonb_edited BEFORE UPDATE ON public.entity_jsonb
    FOR EACH STATEMENT WHEN (current_setting('atlas.locked', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION public.atlas_state_edited();
CREATE OR REPLACE TRIGGER entity_jsonb_fixed BEFORE UPDATE OF entity_id, tenant_id, is_deleted
    ON public.entity_jsonb
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION public.atlas_refuse_edit(
        'entity_id, tenant_id and is_deleted of a state follow its row in entities',
        'To retire or revive an entity, update entities.is_deleted.');
CREATE OR REPLACE TRIGGER entity_jsonb_deleted BEFORE DELETE ON public.entity_jsonb
    FOR EACH ROW EXECUTE FUNCTION public.atlas_state_deleted();

-- All rows at once ---------------------------------------------------------------------------

DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['tenants', 'attributes', 'tenant_attributes', 'entities',
                               'entity_jsonb', 'shapes'] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER %1$s_truncated BEFORE TRUNCATE ON public.%1$I
             FOR EACH STATEMENT EXECUTE FUNCTION public.atlas_refuse_edit(
                 ''%1$s cannot be truncated'', ''DELETE the rows that nothing refers to.'')', one);
    END LOOP;
END $$;
CREATE OR REPLACE TRIGGER shapes_fixed BEFORE DELETE OR UPDATE ON public.shapes
    FOR EACH STATEMENT EXECUTE FUNCTION public.atlas_refuse_edit(
        'shapes cannot change', 'Rows of observations refer to them.');
