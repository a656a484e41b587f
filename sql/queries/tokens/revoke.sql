-- SPDX-License-Identifier: Apache-2.0
--
-- Revokes a token of a tenant; no row if it does not exist or is already revoked.
--
-- $1 tenant   bigint
-- $2 token    bigint
-- Result      token_id bigint
-- Caller      src/catalog/token_repository.cc
UPDATE public.api_tokens SET revoked_at = now()
WHERE tenant_id = $1 AND token_id = $2 AND revoked_at IS NULL
RETURNING token_id
