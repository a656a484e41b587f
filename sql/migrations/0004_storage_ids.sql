-- SPDX-License-Identifier: Apache-2.0
--
-- Storage ids apart from dictionary ids, so that a tenant can retype, rename and drop an attribute
-- without rewriting history (docs/adr/0010-storage-ids.md).
--
-- tenant_attributes.attribute_id becomes the storage id: what observations and shapes hold. It
-- equals the dictionary's id unless the tenant has used that one already; then it comes from the
-- same sequence and has no row in `attributes`. name_id says which name it has.

-- The objects that follow give it other results.
DROP FUNCTION IF EXISTS public.atlas_catalog_of(public.entity_values_pending[]);

ALTER TABLE tenant_attributes
    ADD COLUMN name_id   bigint REFERENCES attributes,
    -- Only tags of line protocol have written it: it gives way to a field of its name.
    ADD COLUMN from_tags boolean NOT NULL DEFAULT false,
    -- The storage id whose values this attribute continues, after a retype.
    ADD COLUMN continues integer,
    -- superseded: by a retype; its values are read as those of its successor.
    ADD COLUMN state     text NOT NULL DEFAULT 'current'
               CHECK (state IN ('current', 'superseded', 'dropped')),
    -- Of what a retype superseded: the storage ids that followed, oldest first …
    ADD COLUMN newer     integer[] CHECK (cardinality(newer) > 0),
    -- … and the type of the last of them; 'nothing' for what is dropped.
    ADD COLUMN read_as   text;
UPDATE tenant_attributes SET name_id = attribute_id;
ALTER TABLE tenant_attributes
    ALTER COLUMN name_id SET NOT NULL,
    DROP CONSTRAINT tenant_attributes_attribute_id_fkey;
DROP INDEX tenant_attributes_attribute;
CREATE INDEX tenant_attributes_name ON tenant_attributes (name_id);
CREATE UNIQUE INDEX tenant_attributes_current ON tenant_attributes (tenant_id, name_id)
    WHERE state = 'current';

-- What a value is under another type; absent: it does not convert.
CREATE TYPE atlas_value AS (
    int_value     bigint,
    double_value  float8,
    decimal_value numeric,
    text_value    text,
    absent        boolean
);

-- Changes whose effect on the current state is still being carried out, in small transactions, in
-- the order of entities. A row is deleted when nothing is left to do.
CREATE TABLE attribute_changes (
    change_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id    bigint NOT NULL REFERENCES tenants,
    attribute_id integer NOT NULL,                    -- storage id
    kind         text NOT NULL CHECK (kind IN ('retype', 'rename', 'drop')),
    name_id      bigint NOT NULL REFERENCES attributes,
    old_name_id  bigint REFERENCES attributes,        -- of a rename
    after_entity bigint NOT NULL DEFAULT -9223372036854775808,
    started_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, attribute_id),
    CHECK ((old_name_id IS NOT NULL) = (kind = 'rename'))
);
