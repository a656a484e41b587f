-- SPDX-License-Identifier: Apache-2.0
--
-- A tenant's tokens that are not revoked, expired or not, oldest first.
--
-- $1 tenant   bigint
-- $2 after    bigint   a token_id; 0: from the first
-- $3 limit    bigint
-- Result      token_id bigint, token_name, scopes (joined by blanks), created_at, expires_at (µs)
-- Caller      src/catalog/token_repository.cc
SELECT token_id, token_name, array_to_string(scopes, ' '),
       (extract(epoch FROM created_at) * 1000000)::bigint,
       (extract(epoch FROM expires_at) * 1000000)::bigint
FROM public.api_tokens
WHERE tenant_id = $1 AND token_id > $2 AND revoked_at IS NULL
ORDER BY token_id LIMIT $3
