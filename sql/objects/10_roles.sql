-- SPDX-License-Identifier: Apache-2.0
--
-- Roles with least privilege. The owner applies migrations and objects; gateways read and write;
-- readers read. The roles made here cannot log in: grant them to login roles. An owner without
-- CREATEROLE gets a notice and continues: it has every right itself.

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['atlas_gateway', 'atlas_reader'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'role % does not exist and % may not create it', role_name,
                    current_user
                    USING HINT = 'Create it as a role with CREATEROLE and apply sql/objects again.';
            -- Another session sets up another database of this cluster at the same moment.
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END $$;

-- Grants a list of rights on an object to a role, if the role exists.
CREATE OR REPLACE FUNCTION public.atlas_grant(rights text, object text, role_name text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('GRANT %s ON %s TO %I', rights, object, role_name);
    END IF;
END $$;
REVOKE ALL ON FUNCTION public.atlas_grant(text, text, text) FROM PUBLIC;
