// SPDX-License-Identifier: Apache-2.0
//
// What the columns of a result are: instants, numbers, or words to tell rows apart by.
import { decimal, fixed, grouped } from '../format/number';
import { localDate, localTime } from '../format/time';
import type { Result, ResultColumn } from '../model/analytics';
import type { Value } from '../model/types';

export type Kind = 'time' | 'number' | 'word';

const kNumbers = new Set(['int', 'double', 'decimal']);
const kMonth = /^\d{4}-\d\d$/;
const kDay = /^\d{4}-\d\d(-\d\d)?$/;

export function kindOf({ type }: ResultColumn, values: readonly Value[]): Kind {
    if (type === 'timestamp') return 'time';
    if (kNumbers.has(type)) return 'number';
    // SQL's dates come as text.
    const given = values.filter((value) => value !== null);
    const days = given.length > 0 && given.every((value) => kDay.test(String(value)));
    return days ? 'time' : 'word';
}

export function kindsOf({ columns, rows }: Result): Kind[] {
    return columns.map((column, at) => kindOf(column, rows.map((row) => row[at] ?? null)));
}

// Seconds, as uPlot counts time; a day is its midnight here.
export function secondsOf(value: Value | undefined): number | null {
    if (typeof value !== 'string') return null;
    const local = kDay.test(value) ? `${value.padEnd(10, '-01')}T00:00:00` : value;
    const at_ms = Date.parse(local);
    return Number.isFinite(at_ms) ? at_ms / 1000 : null;
}

export function numberOf(value: Value | undefined): number | null {
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}

// How the instants of one column are written: without their time of day where it is midnight for
// all of them.
export function timeText(values: readonly Value[]): (value: Value) => string {
    const at_ms = values.map((value) => (secondsOf(value) ?? 0) * 1000);
    const days = at_ms.every((at) => localTime(at) === '00:00:00');
    return (value) => {
        const seconds = secondsOf(value);
        if (seconds === null) return '';
        if (kMonth.test(String(value))) return String(value);
        const day = localDate(seconds * 1000);
        return days ? day : `${day} ${localTime(seconds * 1000)}`;
    };
}

// How the numbers of one column are written: all with the same digits after the point, as many as
// the largest of them needs, so that they line up.
export function numberText(values: readonly Value[]): (value: Value) => string {
    const numbers = values.map(numberOf).filter((value) => value !== null);
    const whole = numbers.every((value) => Number.isInteger(value));
    const size = Math.max(...numbers.map(Math.abs), 0);
    const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
    return (value) => {
        if (typeof value === 'bigint') return grouped(value);
        const number = numberOf(value);
        if (number === null) return '';
        if (whole || !Number.isFinite(number)) return decimal(number);
        // What would be written as zero and is not shows its own digits.
        return number !== 0 && Math.abs(number) < 10 ** -digits / 2
            ? decimal(number)
            : fixed(number, digits);
    };
}

// The column by whose size rows without a time are ordered, descending; else the first.
export function leadingMeasure(result: Result, measures: readonly string[]): string {
    const { columns, rows } = result;
    const first = measures[0] ?? '';
    if (kindsOf(result).includes('time')) return first;
    const leads = (name: string) => {
        const at = columns.findIndex((column) => column.name === name);
        const sizes = rows.map((row) => Math.abs(numberOf(row[at]) ?? 0));
        const sorted = sizes.every((size, row) => row === 0 || size <= (sizes[row - 1] ?? 0));
        return sorted && (sizes[0] ?? 0) > (sizes.at(-1) ?? 0);
    };
    return measures.find(leads) ?? first;
}
