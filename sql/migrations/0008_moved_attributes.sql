-- SPDX-License-Identifier: Apache-2.0
--
-- Finds the attributes of a tenant whose stored values have another name or type today, which are
-- few: entity_values_ts asks for them once per observation.
CREATE INDEX tenant_attributes_moved ON tenant_attributes (tenant_id, attribute_id)
    WHERE read_as IS NOT NULL OR name_id <> attribute_id;
