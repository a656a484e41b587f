// SPDX-License-Identifier: Apache-2.0
//
// Names and strings as the API spells them in filters, orders and lists, and back.
import { kKeywords, wordsOf } from './lexer';

export const kBuiltIn = ['type', 'entity', 'created_at', 'updated_at'];
const kBareName = /^[\p{L}\p{N}_.\-\u0080-\uffff]+$/u;

// A name as a filter or a list spells it; `attribute` says that it is not a built-in field.
export function spelledName(name: string, attribute = true): string {
    const clash = attribute && (kBuiltIn.includes(name) || kKeywords.has(name) || /^-/.test(name));
    return kBareName.test(name) && !clash ? name : `\`${name.replaceAll('`', '``')}\``;
}

export function plainName(spelled: string): string {
    if (!spelled.startsWith('`')) return spelled;
    return spelled.replace(/^`|`$/g, '').replaceAll('``', '`');
}

export function spelledString(value: string): string {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    return `"${escaped.replace(/\*/g, '\\*')}"`;
}

// The names of a list: `a,b`.
export function parseNames(text: string): string[] {
    return wordsOf(text)
        .filter((word) => word.kind !== 'operator')
        .map((word) => plainName(word.text));
}

export function formatNames(names: readonly string[]): string {
    return names.map((name) => spelledName(name, false)).join(',');
}
