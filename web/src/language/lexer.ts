// SPDX-License-Identifier: Apache-2.0
//
// Cuts a filter into words, as far as completion needs them: the server alone judges whether a
// filter is right, so whatever cannot be read becomes a word of its own and nothing is refused.

export type WordKind = 'name' | 'string' | 'number' | 'operator' | 'keyword' | 'open' | 'close';

export interface Word {
    kind: WordKind;
    text: string;
    from: number;
    to: number;
    // A string or backquoted name whose end has not been typed yet.
    unfinished: boolean;
}

const kOperator = /^(!=|<=|>=|=|<|>|:)/;
const kBare = /^[^\s()=!<>:"`,]+/;
export const kKeywords = new Set(['AND', 'OR', 'NOT']);

export function wordsOf(text: string): Word[] {
    const words: Word[] = [];
    let at = 0;
    while (at < text.length) {
        const word = wordAt(text, at);
        if (word.text.trim() !== '') words.push(word);
        at = word.to;
    }
    return words;
}

function wordAt(text: string, from: number): Word {
    const rest = text.slice(from);
    const first = rest[0] ?? '';
    if (first === '"' || first === '`') return quotedAt(text, from, first);
    if (first === '(') return make('open', text, from, 1);
    if (first === ')') return make('close', text, from, 1);
    const operator = kOperator.exec(rest)?.[0];
    if (operator !== undefined) return make('operator', text, from, operator.length);
    const bare = kBare.exec(rest)?.[0];
    if (bare === undefined) return make('operator', text, from, 1);
    const kind = kKeywords.has(bare) ? 'keyword' : /^-?\d/.test(bare) ? 'number' : 'name';
    return make(kind, text, from, bare.length);
}

function quotedAt(text: string, from: number, quote: string): Word {
    let at = from + 1;
    while (at < text.length) {
        const doubled = quote === '`' && text.startsWith('``', at);
        const escaped = quote === '"' && text[at] === '\\';
        if (!doubled && !escaped && text[at] === quote) break;
        at += doubled || escaped ? 2 : 1;
    }
    const unfinished = at >= text.length;
    const to = Math.min(at + 1, text.length);
    const kind = quote === '"' ? 'string' : 'name';
    return { kind, text: text.slice(from, to), from, to, unfinished };
}

function make(kind: WordKind, text: string, from: number, length: number): Word {
    return {
        kind,
        text: text.slice(from, from + length),
        from,
        to: from + length,
        unfinished: false,
    };
}

// Whether a filter looks finished: it ends with a value or a bracket and every bracket is closed.
export function readsComplete(text: string): boolean {
    const words = wordsOf(text);
    const last = words.at(-1);
    if (last === undefined) return true;
    const count = (kind: WordKind) => words.filter((word) => word.kind === kind).length;
    if (last.unfinished || count('open') !== count('close')) return false;
    if (last.kind === 'string' || last.kind === 'close' || last.kind === 'number') return true;
    const operator = words.at(-2)?.kind === 'operator';
    return operator && (last.kind === 'name' || last.text === '*');
}
