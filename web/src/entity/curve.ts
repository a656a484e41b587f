// SPDX-License-Identifier: Apache-2.0
//
// Points of one attribute: numbers in buckets for a curve, or changes of a value for a band.
// Pure: new points are merged into known ones, newer responses win.
import type { Series, Value } from '../model/types';

export interface Curve {
    attribute: string;
    // Bucket starts in seconds, as uPlot counts time; null marks a gap.
    time: number[];
    avg: (number | null)[];
    min: (number | null)[];
    max: (number | null)[];
}

export interface Change {
    at_ms: number;
    value: Value;
}

export interface Stretch {
    from_ms: number;
    to_ms: number;
    value: string;
}

export interface Bucket {
    at_ms: number;
    avg: number;
    min: number;
    max: number;
}

// Values that come more rarely than this are still one curve.
const kLongestPauseMs = 30_000;
const kPausesForGap = 4;

export function bucketsOf(series: Series): Bucket[] {
    const column = (name: string) => series.columns.indexOf(name);
    const [time, avg, min, max] = ['time', 'avg', 'min', 'max'].map(column) as number[];
    return series.points
        .filter((point) => point[avg ?? 1] !== null)
        .map((point) => ({
            at_ms: Number(point[time ?? 0]),
            avg: Number(point[avg ?? 1]),
            min: Number(point[min ?? 2]),
            max: Number(point[max ?? 3]),
        }));
}

export function changesOf(series: Series): Change[] {
    return series.points.map((point) => ({ at_ms: Number(point[0]), value: point[1] ?? null }));
}

// Replaces everything from `from_ms` on by `added` and forgets what lies before `begin_ms`.
export function merged<T extends { at_ms: number }>(
    known: readonly T[],
    added: readonly T[],
    from_ms: number,
    begin_ms: number,
): T[] {
    const kept = known.filter(({ at_ms }) => at_ms < from_ms && at_ms >= begin_ms);
    return [...kept, ...added.filter(({ at_ms }) => at_ms >= from_ms)];
}

// Without what was over before `begin_ms`: of the older changes only the last still matters.
export function trimmed(changes: readonly Change[], begin_ms: number): Change[] {
    const first = changes.findIndex(({ at_ms }) => at_ms >= begin_ms);
    const keep = first < 0 ? changes.length - 1 : first - 1;
    return changes.slice(Math.max(0, keep));
}

export function curveOf(attribute: string, buckets: readonly Bucket[], step_ms: number): Curve {
    const curve: Curve = { attribute, time: [], avg: [], min: [], max: [] };
    const pause_ms = longestPause(buckets, step_ms);
    let last_ms = Infinity;
    for (const { at_ms, avg, min, max } of buckets) {
        if (at_ms - last_ms > pause_ms) push(curve, (last_ms + step_ms) / 1000, null, null, null);
        push(curve, at_ms / 1000, avg, min, max);
        last_ms = at_ms;
    }
    return curve;
}

function push(
    curve: Curve,
    time: number,
    avg: number | null,
    min: number | null,
    max: number | null,
): void {
    curve.time.push(time);
    curve.avg.push(avg);
    curve.min.push(min);
    curve.max.push(max);
}

function longestPause(buckets: readonly Bucket[], step_ms: number): number {
    const pauses = buckets.slice(1).map((bucket, at) => bucket.at_ms - (buckets[at]?.at_ms ?? 0));
    const usual = pauses.sort((a, b) => a - b)[pauses.length >> 1] ?? 0;
    return Math.max(kPausesForGap * Math.max(usual, step_ms), kLongestPauseMs);
}

// A value holds until the next one differs; the last one until the end of the window.
export function stretchesOf(changes: readonly Change[], from_ms: number, to_ms: number): Stretch[] {
    const stretches: Stretch[] = [];
    for (const { at_ms, value } of changes) {
        const last = stretches.at(-1);
        const text = value === null ? '' : String(value);
        if (last?.value === text) continue;
        const begin_ms = Math.max(at_ms, from_ms);
        if (last) last.to_ms = begin_ms;
        stretches.push({ from_ms: begin_ms, to_ms, value: text });
    }
    return stretches.filter((stretch) => stretch.to_ms > stretch.from_ms && stretch.value !== '');
}
