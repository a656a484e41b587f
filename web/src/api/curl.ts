// SPDX-License-Identifier: Apache-2.0
//
// The request behind what is on the screen, as a line for the shell.
import { chosenTenant, token } from '../session/session';
import { query, type Params } from './client';

export function curlCommand(path: string, params: Params): string {
    return ['curl', '-sS', ...curlHeaders(), quoted(location.origin + path + query(params))].join(
        ' ',
    );
}

// The same for a request with a body.
export function curlPost(path: string, body: unknown): string {
    const options = [...curlHeaders(), "-H 'Content-Type: application/json'"];
    return [
        `curl -sS ${quoted(location.origin + path)}`,
        ...options.map((option) => `  ${option}`),
        `  -d ${quoted(JSON.stringify(body))}`,
    ].join(' \\\n');
}

// The options that say who is asking. The secret itself stays out of clipboards and histories.
export function curlHeaders(): string[] {
    if (token.value !== '') return ['-H "Authorization: Bearer $ATLAS_TOKEN"'];
    const name = chosenTenant();
    return name === '' ? [] : [`-H ${quoted(`X-Atlas-Tenant: ${name}`)}`];
}

export function quoted(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}
