// SPDX-License-Identifier: Apache-2.0
//
// Which picture suits a result: lines where it has a column of time with more than one instant,
// bars where it has words and numbers, otherwise none. Pure.
import type { Result } from '../model/analytics';
import { kindsOf, numberOf, secondsOf, type Kind } from './values';

export interface Lines {
    kind: 'lines';
    measure: string;
    // Ascending, in seconds; one column of values per name, null where there is none.
    time: number[];
    names: string[];
    values: (number | null)[][];
    // Lines that were left out.
    more: number;
}

export interface Bars {
    kind: 'bars';
    measure: string;
    bars: { name: string; value: number }[];
    more: number;
}

export type Chart = Lines | Bars;

export const kMaxLines = 8;
export const kMaxBars = 16;
const kMaxMeasures = 12;

// The columns that can be drawn, by name, in their order.
export function measuresOf(result: Result): string[] {
    const kinds = rolesOf(result);
    const names = result.columns.map(({ name }) => name);
    return names.filter((_name, at) => kinds[at] === 'number').slice(0, kMaxMeasures);
}

// Where nothing else tells rows apart, their first number does: an hour of the day, a bucket.
function rolesOf(result: Result): Kind[] {
    const kinds = kindsOf(result);
    const numbers = kinds.length > 1 && kinds.every((kind) => kind === 'number');
    return numbers ? kinds.map((kind, at) => (at === 0 ? 'word' : kind)) : kinds;
}

export function chartOf(result: Result, measure: string): Chart | null {
    const kinds = rolesOf(result);
    const value = result.columns.findIndex(({ name }) => name === measure);
    if (value < 0 || result.rows.length < 2) return null;
    const time = kinds.indexOf('time');
    const words = kinds.flatMap((kind, at) => (kind === 'word' ? [at] : []));
    const lines = time < 0 ? null : linesOf(result, measure, { time, value, words });
    if (lines !== null || words.length === 0) return lines;
    return barsOf(result, measure, { value, words });
}

interface Place {
    value: number;
    words: number[];
}

function linesOf(
    { rows }: Result,
    measure: string,
    { time, value, words }: Place & { time: number },
): Lines | null {
    const lines = new Map<string, Map<number, number>>();
    for (const row of rows) {
        const at = secondsOf(row[time]);
        const number = numberOf(row[value]);
        if (at === null || number === null) continue;
        const name = words.length === 0 ? measure : nameOf(row, words);
        const line = lines.get(name) ?? new Map<number, number>();
        line.set(at, number);
        lines.set(name, line);
    }
    // Those with the most points: a line of one point says little.
    const chosen = [...lines].sort(([, a], [, b]) => b.size - a.size).slice(0, kMaxLines);
    const instants = [...new Set(chosen.flatMap(([, line]) => [...line.keys()]))];
    if (instants.length < 2) return null;
    instants.sort((a, b) => a - b);
    return {
        kind: 'lines',
        measure,
        time: instants,
        names: chosen.map(([name]) => name),
        values: chosen.map(([, line]) => instants.map((at) => line.get(at) ?? null)),
        more: lines.size - chosen.length,
    };
}

function barsOf({ rows }: Result, measure: string, { value, words }: Place): Bars | null {
    const bars = rows.flatMap((row) => {
        const number = numberOf(row[value]);
        return number === null ? [] : [{ name: nameOf(row, words), value: number }];
    });
    if (bars.length < 2) return null;
    const more = Math.max(0, bars.length - kMaxBars);
    return { kind: 'bars', measure, bars: bars.slice(0, kMaxBars), more };
}

function nameOf(row: Result['rows'][number], words: readonly number[]): string {
    const parts = words.map((at) => row[at] ?? null);
    return parts.map((part) => (part === null ? 'none' : String(part))).join(' · ');
}
