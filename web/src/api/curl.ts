// SPDX-License-Identifier: Apache-2.0
//
// The request behind what is on the screen, as a line for the shell.
import { sessionHeaders, tenant } from '../session/session';
import { query, type Params } from './client';

export function curlCommand(path: string, params: Params): string {
    const words = ['curl', '-sS'];
    if (tenant.value !== '') words.push('-H', quoted(`X-Atlas-Tenant: ${tenant.value}`));
    // The secret itself stays out of clipboards and shell histories.
    if ('Authorization' in sessionHeaders())
        words.push('-H', '"Authorization: Bearer $ATLAS_TOKEN"');
    words.push(quoted(location.origin + path + query(params)));
    return words.join(' ');
}

function quoted(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}
