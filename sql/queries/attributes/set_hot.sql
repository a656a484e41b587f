-- Makes an attribute hot or cold for a tenant; takes the locks of all shards, so it comes first in
-- its transaction.
--
-- $1 tenant   bigint
-- $2 name     text
-- $3 hot      boolean
-- Result      'ok', 'unchanged', 'unknown_attribute', 'needs_backfill' or 'hot_limit'
-- Caller      src/model/attribute_store.cc
SELECT public.atlas_set_hot($1, $2, $3)
