-- SPDX-License-Identifier: Apache-2.0
--
-- Current state is an object. A statement by hand could store something else, to which later values
-- were appended. What is none becomes empty here: the next reconciliation fills it from history.

UPDATE entity_jsonb
SET hot_attrs = CASE jsonb_typeof(hot_attrs) WHEN 'object' THEN hot_attrs ELSE '{}' END,
    hot_at = CASE WHEN jsonb_typeof(hot_attrs) = 'object' AND jsonb_typeof(hot_at) = 'object'
                  THEN hot_at ELSE '{}' END
WHERE jsonb_typeof(hot_attrs) <> 'object' OR jsonb_typeof(hot_at) <> 'object';

ALTER TABLE entity_jsonb
    ADD CONSTRAINT hot_attrs_is_object CHECK (jsonb_typeof(hot_attrs) = 'object'),
    ADD CONSTRAINT hot_at_is_object CHECK (jsonb_typeof(hot_at) = 'object');
