-- SPDX-License-Identifier: Apache-2.0
--
-- The checks of the cases, and their data: two tenants with 100 entities each, and at least one
-- attribute of every type.
CREATE SCHEMA t;

CREATE FUNCTION t.ok(holds boolean, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION 'not true: %', what;
    END IF;
END $$;

CREATE FUNCTION t.equal(got text, expected text, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF got IS DISTINCT FROM expected THEN
        RAISE EXCEPTION E'%:\n     got %\nexpected %', what, got, expected;
    END IF;
END $$;

-- The statement fails with the SQLSTATE, and its message contains the words.
CREATE FUNCTION t.fails(statement text, expected_state text, words text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    state text;
    message text;
BEGIN
    BEGIN
        EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    END;
    IF state IS NULL THEN
        RAISE EXCEPTION 'did not fail: %', statement;
    ELSIF state <> expected_state OR position(words IN message) = 0 THEN
        RAISE EXCEPTION '% failed with % %, not % …%…', statement, state, message,
            expected_state, words;
    END IF;
END $$;

-- The plan of a statement as text.
CREATE FUNCTION t.plan(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || statement LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END $$;

-- One entity's history as text: attribute=value per point, by time and attribute.
CREATE FUNCTION t.history(entity bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s=%s',
        to_char(ingested_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS'), attribute_name,
        coalesce(value, 'NULL')), E'\n' ORDER BY ingested_at, attribute_name)
    FROM public.entity_values_ts JOIN public.attributes USING (attribute_id)
    WHERE entity_id = entity;
$$;

CREATE FUNCTION t.hot(entity bigint) RETURNS text LANGUAGE sql AS $$
    SELECT hot_attrs::text FROM public.entity_jsonb WHERE entity_id = entity;
$$;

INSERT INTO public.tenants (tenant_id, tenant_name) VALUES (10, 'ten'), (11, 'eleven');
INSERT INTO public.entities (entity_id, tenant_id, external_id)
    SELECT g, 10, 'e' || g FROM generate_series(1, 100) g;
INSERT INTO public.entities (entity_id, tenant_id, external_id)
    SELECT 100 + g, 11, 'e' || g FROM generate_series(1, 100) g;
INSERT INTO public.attributes (attribute_id, attribute_name, type, is_hot) VALUES
    (1, 'count', 'int', false), (2, 'armed', 'bool', true), (3, 'level', 'double', true),
    (4, 'price', 'decimal', true), (5, 'due', 'timestamp', true), (6, 'tags', 'json', true),
    (7, 'status', 'string', true), (8, 'note', 'string', false), (9, 'hits', 'int', true);
