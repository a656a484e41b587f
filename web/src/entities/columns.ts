// SPDX-License-Identifier: Apache-2.0
//
// Columns of the entity table: built-in ones around the chosen attributes, and how wide each is.
import type { Entity } from '../api/types';
import { isNumericType, unitFor } from '../catalog/catalog';
import { plainName, spelledName, wordsOf } from '../filter/lexer';
import { numberText, isNumeric, plainText } from '../format/ValueText';

export interface Column {
    // 'entity', 'type', 'updated_at', or an attribute.
    name: string;
    built_in: boolean;
    numeric: boolean;
    width_px: number;
}

export interface Order {
    name: string;
    built_in: boolean;
    descending: boolean;
}

const kCharacterPx = 7.1;
const kPaddingPx = 22;
const kSampleRows = 100;
const kMinChars = 6;
const kMaxChars = 34;
const kDefaultOrder: Order = { name: 'updated_at', built_in: true, descending: true };

export function columnsFor(attributes: readonly string[], rows: readonly Entity[]): Column[] {
    const sample = rows.slice(0, kSampleRows);
    const widest = (texts: string[]) => Math.max(0, ...texts.map((text) => text.length));
    const built = (name: string, chars: number): Column => ({
        name,
        built_in: true,
        numeric: false,
        width_px: widthFor(name, chars),
    });
    return [
        built('entity', Math.max(14, widest(sample.map((row) => row.entity)) + 1)),
        built('type', widest(sample.map((row) => row.type))),
        ...attributes.map((name) => attributeColumn(name, sample, widest)),
        { ...built('updated_at', 10), numeric: true },
    ];
}

function attributeColumn(
    name: string,
    sample: readonly Entity[],
    widest: (texts: string[]) => number,
): Column {
    const unit = unitFor(name);
    const texts = sample.map(({ attributes }) => {
        const value = attributes[name];
        if (!isNumeric(value)) return plainText(value);
        const { number, unit: suffix } = numberText(name, value, unit);
        return number + suffix + (suffix === '' ? '' : '  ');
    });
    const values = sample.map(({ attributes }) => attributes[name]);
    const numeric = isNumericType(name) || values.some((value) => isNumeric(value));
    return { name, built_in: false, numeric, width_px: widthFor(name, widest(texts)) };
}

function widthFor(name: string, chars: number): number {
    const wanted = Math.max(chars, Math.min(name.length + 3, 24), kMinChars);
    return Math.round(Math.min(kMaxChars, wanted) * kCharacterPx + kPaddingPx);
}

// `cols=a,b` with names spelled as the API spells lists.
export function parseNames(text: string): string[] {
    return wordsOf(text)
        .filter((word) => word.kind !== 'operator')
        .map((word) => plainName(word.text));
}

export function formatNames(names: readonly string[]): string {
    return names.map((name) => spelledName(name, false)).join(',');
}

export function parseOrder(text: string): Order {
    const [first, second] = wordsOf(text);
    if (first === undefined) return kDefaultOrder;
    const spelled = first.text;
    const built_in = ['type', 'entity', 'created_at', 'updated_at'].includes(spelled);
    return { name: plainName(spelled), built_in, descending: second?.text === 'desc' };
}

export function formatOrder({ name, built_in, descending }: Order): string {
    return spelledName(name, !built_in) + (descending ? ' desc' : '');
}
