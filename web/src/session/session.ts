// SPDX-License-Identifier: Apache-2.0
//
// Who is asking: the tenant (part of the URL, so that a link means the same to a colleague) and,
// where the server wants one, a token, which lives as long as the browser tab.
import { signal } from '@preact/signals';

const kTokenKey = 'atlas.token';

// '' is the server's own choice: the token's tenant, or `default`.
export const tenant = signal('');
export const token = signal(sessionStorage.getItem(kTokenKey) ?? '');
// The reason why a token is needed; null while none is.
export const token_wanted = signal<string | null>(null);

// The tenant that a request has to name; '' where the server's own choice is meant.
export function chosenTenant(): string {
    return tenant.value === 'default' || token.value !== '' ? '' : tenant.value;
}

export function sessionHeaders(): Record<string, string> {
    const headers: Record<string, string> = {};
    if (token.peek() !== '') headers['Authorization'] = `Bearer ${token.peek()}`;
    else if (tenant.peek() !== '') headers['X-Atlas-Tenant'] = tenant.peek();
    return headers;
}

export function askForToken(reason: string): void {
    if (token_wanted.peek() === null) token_wanted.value = reason;
}

export function useToken(secret: string): void {
    sessionStorage.setItem(kTokenKey, secret);
    token.value = secret;
    token_wanted.value = null;
}
