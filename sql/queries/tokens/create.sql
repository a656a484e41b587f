-- SPDX-License-Identifier: Apache-2.0
--
-- Stores a new token by its hash.
--
-- $1 tenant   bigint
-- $2 name     text
-- $3 hash     bytea         SHA-256 of the secret
-- $4 scopes   text[]
-- $5 expires  timestamptz   NULL: never
-- Result      token_id bigint, created_at (Unix µs)
-- Caller      src/catalog/token_repository.cc
INSERT INTO public.api_tokens (tenant_id, token_name, token_hash, scopes, expires_at)
VALUES ($1, $2, $3::bytea, $4, $5)
RETURNING token_id, (extract(epoch FROM created_at) * 1000000)::bigint
