-- SPDX-License-Identifier: Apache-2.0
--
-- The tenant and scopes of a token; no row if it is unknown, revoked or expired.
--
-- $1 hash   bytea   SHA-256 of the secret
-- Result    tenant_id bigint, tenant_name, is_active, scopes (joined by blanks), expires_at (µs)
-- Caller    src/catalog/token_repository.cc
SELECT t.tenant_id, t.tenant_name, t.is_active, array_to_string(k.scopes, ' '),
       (extract(epoch FROM k.expires_at) * 1000000)::bigint
FROM public.api_tokens k JOIN public.tenants t USING (tenant_id)
WHERE k.token_hash = $1::bytea AND k.revoked_at IS NULL
  AND (k.expires_at IS NULL OR k.expires_at > now())
