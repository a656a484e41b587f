-- SPDX-License-Identifier: Apache-2.0
--
-- What the change stream reads: the tables, with partitions published under their root. The reader
-- derives the views from them; staging is unlogged; secrets are left out.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = 'eav_cdc') THEN
        CREATE PUBLICATION eav_cdc FOR TABLE
            public.tenants, public.attributes, public.tenant_attributes, public.entities,
            public.entity_jsonb, public.shapes, public.observations,
            public.replication_heartbeat
            WITH (publish_via_partition_root = true);
    END IF;
EXCEPTION
    -- An owner without CREATE on the database continues without a change stream.
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'publication eav_cdc does not exist and % may not create it', current_user;
    WHEN duplicate_object THEN NULL;
END $$;
