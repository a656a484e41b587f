// SPDX-License-Identifier: Apache-2.0
//
// Columns of the entity table: built-in ones around the chosen attributes, and how wide each is.
import { isNumericType, unitFor } from '../catalog/catalog';
import { tellsState } from '../format/meaning';
import { numberText, isNumeric, plainText } from '../format/ValueText';
import { wordsOf } from '../language/lexer';
import { kBuiltIn, plainName, spelledName } from '../language/names';
import type { Entity } from '../model/types';
import { textWidth } from '../ui/textWidth';

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

// Cell padding, and a little for a renderer that sets text wider than it measures it.
const kPaddingPx = 32;
const kSortArrowPx = 18;
const kStateMarkPx = 16;
const kSampleRows = 100;
const kNarrowestPx = 64;
const kWidestPx = 260;
const kWidestTitlePx = 170;
const kNameWeight = 550;
// The names stay in sight while the rest scrolls: they leave it room.
const kMostOfWindow = 0.46;
const kDefaultOrder: Order = { name: 'updated_at', built_in: true, descending: true };

export function columnsFor(attributes: readonly string[], rows: readonly Entity[]): Column[] {
    const sample = rows.slice(0, kSampleRows);
    const names = sample.map((row) => row.entity);
    const built_in = { built_in: true, numeric: false };
    return [
        { name: 'entity', ...built_in, width_px: nameWidth(names) },
        {
            name: 'type',
            ...built_in,
            width_px: widthFor(
                'type',
                sample.map((row) => row.type),
            ),
        },
        ...attributes.map((name) => attributeColumn(name, sample)),
        {
            name: 'updated_at',
            built_in: true,
            numeric: true,
            width_px: widthFor('updated', ['59 min ago']),
        },
    ];
}

function nameWidth(names: readonly string[]): number {
    const least_px = kNarrowestPx + kPaddingPx;
    const most_px = Math.max(least_px, Math.floor(innerWidth * kMostOfWindow));
    return Math.min(most_px, widthFor('entity', names, kNameWeight));
}

function attributeColumn(name: string, sample: readonly Entity[]): Column {
    const unit = unitFor(name);
    const values = sample.map(({ attributes }) => attributes[name]);
    const texts = values.map((value) => {
        if (!isNumeric(value)) return plainText(value);
        const text = numberText(name, value, unit);
        return text.unit === '' ? text.number : `${text.number} ${text.unit}`;
    });
    const numeric = isNumericType(name) || values.some((value) => isNumeric(value));
    const mark_px = tellsState(name) ? kStateMarkPx : 0;
    return { name, built_in: false, numeric, width_px: widthFor(name, texts) + mark_px };
}

// Every different text is measured once: a hundred rows have few.
function widthFor(title: string, texts: readonly string[], weight = 400): number {
    const widths = [...new Set(texts)].map((text) => textWidth(text, weight));
    const head_px = Math.min(kWidestTitlePx, textWidth(title, 600) + kSortArrowPx);
    const wanted = Math.max(kNarrowestPx, head_px, ...widths);
    return Math.ceil(Math.min(kWidestPx, wanted) + kPaddingPx);
}

export function parseOrder(text: string): Order {
    const [first, second] = wordsOf(text);
    if (first === undefined) return kDefaultOrder;
    const spelled = first.text;
    const built_in = kBuiltIn.includes(spelled);
    return { name: plainName(spelled), built_in, descending: second?.text === 'desc' };
}

export function formatOrder({ name, built_in, descending }: Order): string {
    return spelledName(name, !built_in) + (descending ? ' desc' : '');
}
