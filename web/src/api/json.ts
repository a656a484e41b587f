// SPDX-License-Identifier: Apache-2.0
//
// JSON.parse, except that an integer beyond 2^53 becomes a bigint with all its digits. Texts
// without such a number, nearly all of them, take the plain and fast path.

type SourceContext = { source?: string };

const kLongInteger = /[:[,\s]-?\d{16,}/;
const kInteger = /^-?\d{16,}$/;

export function parseJson<T>(text: string): T {
    if (!kLongInteger.test(text)) return JSON.parse(text) as T;
    return JSON.parse(text, exactInteger as (key: string, value: unknown) => unknown) as T;
}

// Browsers without `context.source` get the rounded number, which is what they had before.
function exactInteger(_key: string, value: unknown, context?: SourceContext): unknown {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const source = context?.source;
    return source !== undefined && kInteger.test(source) ? BigInt(source) : value;
}
