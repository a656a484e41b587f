// SPDX-License-Identifier: Apache-2.0
//
// A question to the analytics store as the URL of the page says it, the request that it makes, and
// the same as SQL to copy.
import type { NamedQuery, QueryParam } from '../model/analytics';
import type { Json } from '../model/types';

export interface Question {
    path: string;
    body: Json;
}

// Parameters of the page's URL that are parameters of the query begin with this.
export const kParamPrefix = 'p.';

export function sqlQuestion(sql: string): Question {
    return { path: '/v1/analytics/sql', body: { sql } };
}

// null while a parameter that must be given is missing, or one has the wrong form.
export function namedQuestion(
    query: NamedQuery,
    texts: Readonly<Record<string, string>>,
): Question | null {
    const params: Record<string, Json> = {};
    for (const param of query.params) {
        const text = texts[param.name] ?? '';
        if (text === '' && isRequired(param)) return null;
        if (text === '') continue;
        const value = valueOf(param, text);
        if (value === undefined) return null;
        params[param.name] = value;
    }
    return { path: `/v1/analytics/queries/${encodeURIComponent(query.name)}`, body: { params } };
}

export function isRequired(param: QueryParam): boolean {
    return param.default === undefined || param.default === null;
}

// undefined: the text has the wrong form.
export function valueOf({ type }: QueryParam, text: string): Json | undefined {
    if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : undefined;
    if (type !== 'int' && type !== 'double' && type !== 'decimal') return text;
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) return undefined;
    return type === 'int' && !Number.isInteger(value) ? undefined : value;
}

export function faultOf(param: QueryParam, text: string): string {
    if (text === '') return isRequired(param) ? 'required' : '';
    if (valueOf(param, text) !== undefined) return '';
    return param.type === 'int' ? 'a whole number' : 'a number';
}

// The statement of a named query with its values in the place of its parameters, relative times as
// they are now. null where the server does not show it.
export function sqlOf(
    query: NamedQuery,
    texts: Readonly<Record<string, string>>,
    now_ms: number,
): string | null {
    if (query.sql === undefined) return null;
    const params = new Map(query.params.map((param) => [param.name, param]));
    return query.sql.replace(/\$([a-z_][a-z0-9_]*)/gi, (whole, name: string) => {
        const param = params.get(name);
        if (param === undefined) return whole;
        return literal(param, texts[name] || String(param.default ?? ''), now_ms);
    });
}

const kUnitMs: Record<string, number> = {
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000,
};

function literal(param: QueryParam, text: string, now_ms: number): string {
    if (text === '') return 'NULL';
    const ago = /^now(?:-(\d+)([smhdw]))?$/.exec(text);
    if (param.type === 'timestamp' && ago) {
        const back_ms = Number(ago[1] ?? 0) * (kUnitMs[ago[2] ?? ''] ?? 0);
        return quoted(new Date(now_ms - back_ms).toISOString());
    }
    const value = valueOf(param, text);
    return value === undefined || typeof value === 'string' ? quoted(text) : String(value);
}

function quoted(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}
