// SPDX-License-Identifier: Apache-2.0
//
// What can follow at the caret: an attribute, an operator, a value or a connective, judged by
// the words before it. Pure, so that tests need no browser.
import { grouped } from '../format/number';
import { wordsOf, type Word } from '../language/lexer';
import { kBuiltIn, plainName, spelledName, spelledString } from '../language/names';
import type { AttributeType } from '../model/types';

export interface Field {
    name: string;
    type: AttributeType;
    hint: string;
}

export interface Choice {
    // What is shown, what replaces text[from, to), and a word about it.
    label: string;
    insert: string;
    hint: string;
}

export interface Completion {
    from: number;
    to: number;
    choices: Choice[];
    // The attribute whose values are asked for, '' when none is.
    value_of: string;
}

export interface KnownValue {
    text: string;
    // How many entities have it; null where that was not counted.
    entities: number | null;
}

export interface Vocabulary {
    fields: Field[];
    // Known values of an attribute, the most frequent first.
    valuesOf(name: string): KnownValue[];
}

const kMaxChoices = 50;
const kOperators: Record<string, string> = {
    '=': 'equal to',
    '!=': 'not equal to',
    '<': 'less than',
    '<=': 'at most',
    '>': 'greater than',
    '>=': 'at least',
    ':': 'has',
};
const kTruth = ['true', 'false'].map((text) => ({ text, entities: null }));
const kBuiltInHint = 'built-in';
export const kBuiltInFields: Field[] = kBuiltIn.map((name) => ({
    name,
    type: name.endsWith('_at') ? 'timestamp' : 'string',
    hint: kBuiltInHint,
}));

export function complete(text: string, caret: number, vocabulary: Vocabulary): Completion {
    const words = wordsOf(text.slice(0, caret));
    const typed = wordBeingTyped(words, caret);
    const before = typed ? words.slice(0, -1) : words;
    const place = placeAfter(before);
    const from = typed ? typed.from : caret;
    const to = typed ? endOfWord(text, typed, caret) : caret;
    const draft = typed ? typed.text : '';
    const choices = choicesFor(place, draft, vocabulary);
    return { from, to, choices, value_of: place.kind === 'value' ? place.name : '' };
}

type Place =
    | { kind: 'name' }
    | { kind: 'operator'; name: string }
    | { kind: 'value'; name: string }
    | { kind: 'connective' };

function placeAfter(words: Word[]): Place {
    const last = words.at(-1);
    if (last === undefined || last.kind === 'keyword') return listOf(words) ?? { kind: 'name' };
    if (last.kind === 'open') return listOf(words) ?? { kind: 'name' };
    if (last.kind === 'operator')
        return { kind: 'value', name: nameBefore(words, words.length - 1) };
    if (last.kind === 'close' || isValue(words, words.length - 1)) return { kind: 'connective' };
    return { kind: 'operator', name: plainName(last.text) };
}

// Inside `status = ("online" OR …` values follow, not names.
function listOf(words: Word[]): Place | undefined {
    for (let at = words.length - 1, depth = 0; at > 0; at--) {
        const kind = words[at]?.kind;
        if (kind === 'close') depth++;
        if (kind !== 'open' || depth-- > 0) continue;
        if (words[at - 1]?.kind !== 'operator') return undefined;
        return { kind: 'value', name: nameBefore(words, at - 1) };
    }
    return undefined;
}

function nameBefore(words: Word[], operator: number): string {
    return plainName(words[operator - 1]?.text ?? '');
}

function isValue(words: Word[], at: number): boolean {
    const kind = words[at]?.kind;
    if (kind === 'string' || kind === 'number') return true;
    return words[at - 1]?.kind === 'operator' || listOf(words.slice(0, at)) !== undefined;
}

// A word that the caret touches is still being typed, unless nothing could lengthen it.
function wordBeingTyped(words: Word[], caret: number): Word | undefined {
    const last = words.at(-1);
    if (last === undefined || last.to < caret) return undefined;
    const finished = last.kind === 'string' && !last.unfinished;
    return finished || last.kind === 'open' || last.kind === 'close' ? undefined : last;
}

function endOfWord(text: string, word: Word, caret: number): number {
    const whole = wordsOf(text).find((candidate) => candidate.from === word.from);
    return whole && !whole.unfinished ? Math.max(whole.to, caret) : caret;
}

function choicesFor(place: Place, draft: string, vocabulary: Vocabulary): Choice[] {
    if (place.kind === 'name') return nameChoices(draft, vocabulary.fields);
    if (place.kind === 'operator') return operatorChoices(place.name, draft, vocabulary.fields);
    if (place.kind === 'value') return valueChoices(place.name, draft, vocabulary);
    return ['AND', 'OR']
        .filter((word) => word.startsWith(draft.toUpperCase()) && word !== draft)
        .map((word) => ({ label: word, insert: `${word} `, hint: '' }));
}

function nameChoices(draft: string, fields: Field[]): Choice[] {
    const wanted = plainName(draft).toLowerCase();
    const rank = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
    return fields
        .filter(({ name }) => name.toLowerCase().includes(wanted))
        .sort((a, b) => rank(a.name) - rank(b.name))
        .slice(0, kMaxChoices)
        .map(({ name, hint }) => ({
            label: name,
            insert: `${spelledName(name, hint !== kBuiltInHint)} `,
            hint,
        }));
}

function operatorChoices(name: string, draft: string, fields: Field[]): Choice[] {
    const type = fields.find((field) => field.name === name)?.type ?? 'string';
    const known = type === 'bool' ? ['=', '!=', ':'] : Object.keys(kOperators);
    // A name may still be growing here; operators do not begin with letters.
    return known
        .filter((operator) => operator.startsWith(draft) && operator !== draft)
        .map((operator) => ({
            label: operator,
            insert: operator === ':' ? ':' : `${operator} `,
            hint: kOperators[operator] ?? '',
        }));
}

function valueChoices(name: string, draft: string, vocabulary: Vocabulary): Choice[] {
    const type = vocabulary.fields.find((field) => field.name === name)?.type ?? 'string';
    const values = type === 'bool' ? kTruth : vocabulary.valuesOf(name);
    const wanted = draft.replace(/^"|"$/g, '').toLowerCase();
    const textual = type === 'string' || type === 'timestamp';
    return values
        .filter(({ text }) => text.toLowerCase().includes(wanted) && text !== draft)
        .slice(0, kMaxChoices)
        .map(({ text, entities }) => ({
            label: text,
            insert: `${textual ? spelledString(text) : text} `,
            hint: entities === null ? '' : grouped(entities),
        }));
}
